"""The run that a thread works for, so that what a step calls without a context stops with the run."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flowloft.core.context import Context

_HERE = threading.local()


@contextmanager
def working_for(context: Context) -> Iterator[None]:
    """Notes that this thread works for a run."""
    before = getattr(_HERE, "context", None)
    _HERE.context = context
    try:
        yield
    finally:
        _HERE.context = before


def call_context(timeout: float | None = None) -> Context:
    """Returns a context for one call: with the cancel token of the run that this thread works for, if
    any, and at most the time that is left to it.

    Args:
        timeout: Seconds for the call; None for no limit of its own.
    """
    run: Context | None = getattr(_HERE, "context", None)
    if run is None:
        return Context(timeout=timeout)
    if run.deadline is not None:
        timeout = run.remaining(timeout if timeout is not None else float("inf"))
    return Context(timeout=timeout, cancel=run.cancel)
