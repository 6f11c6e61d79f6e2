"""Which modules a module is made of, found in what it holds."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flowloft.flow import Bind, Flow

if TYPE_CHECKING:
    from flowloft.modules.base import Module


def depth_first(root: Module, of: type[Module]) -> list[Module]:
    """Returns a module and all that it is made of: each once, and after those that it needs."""
    found: list[Module] = []
    _visit(root, of, found, set())
    return found


def _visit(value: Any, of: type[Module], found: list[Module], seen: set[int]) -> None:
    if id(value) in seen:
        return
    seen.add(id(value))
    for part in _parts(value, of):
        _visit(part, of, found, seen)
    if isinstance(value, of):
        found.append(value)


def _parts(value: Any, of: type[Module]) -> Iterator[Any]:
    """Yields what may hold modules; a function is closed, unless it is a module's own method."""
    if isinstance(value, (of, Flow, Bind)):
        yield from list(vars(value).values())
    elif isinstance(value, types.MethodType):
        yield value.__self__
    elif isinstance(value, dict):
        yield from list(value.values())
    elif isinstance(value, (list, tuple, set, frozenset)):
        yield from list(value)
