"""Transactions that write, one after the other where the database takes one writer anyway.

SQLite lets threads that wait for its lock sleep and try again, whoever comes first: with 40 threads
some wait for seconds. A lock of this process queues them, so that only processes compete.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_TURN = threading.Lock()


@contextmanager
def writing() -> Iterator[None]:
    """An ``atomic`` block; what it does on commit happens when the next one may already write."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    _TURN.acquire()
    held = True

    def give() -> None:
        nonlocal held
        if held:
            held = False
            _TURN.release()

    try:
        with transaction.atomic():
            transaction.on_commit(give)
            yield
    finally:
        give()
