"""Switches that hold for the flows made inside a ``with`` block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_COMPAT: ContextVar[bool] = ContextVar("flowloft_compat", default=False)
_SAVING: ContextVar[bool] = ContextVar("flowloft_saving", default=False)


@contextmanager
def compat(on: bool = True) -> Iterator[None]:
    """Flows made inside behave as LazyLLM's do, also where that is silently wrong.

    By default, a diverter with too few values, a warp over a dict, a ``default`` that shadows later
    cases, and a failing dead end of a graph are errors, and a graph never takes a package of one
    apart.
    """
    token = _COMPAT.set(on)
    try:
        yield
    finally:
        _COMPAT.reset(token)


@contextmanager
def save_pipeline_result(on: bool = True) -> Iterator[None]:
    """Flows made inside may refer to the input and the outputs of any pipeline around them, and
    not only of the one they are a direct part of."""
    token = _SAVING.set(on)
    try:
        yield
    finally:
        _SAVING.reset(token)


def is_compat() -> bool:
    """Says whether LazyLLM's behaviour is asked for."""
    return _COMPAT.get()


def is_saving() -> bool:
    """Says whether references to outer pipelines are allowed."""
    return _SAVING.get()
