"""Python's search for garbage, while very many objects are made."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_SELDOM = (20_000, 20, 100)
_guard = threading.Lock()
_before: list[tuple[int, int, int]] = []


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Looks for cycles of objects seldom: chunks and rows have none, and each look goes through all of them.

    The setting is the whole process's; whoever leaves last puts it back.
    """
    with _guard:
        _before.append(gc.get_threshold())
        gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        with _guard:
            gc.set_threshold(*_before.pop())
