"""What travels between the steps of a Python flow, and how a function is called with it."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any


class package(tuple[Any, ...]):  # noqa: N801 - read as a word of the flow language
    """Several values: spread over the positional arguments of the next step.

    ``package(1, 2)`` and ``package([1, 2])`` hold two values, ``package(1)`` one.
    """

    __slots__ = ()

    def __new__(cls, *values: Any) -> package:
        if len(values) == 1 and isinstance(values[0], (tuple, list, types.GeneratorType)):
            values = tuple(values[0])
        return super().__new__(cls, values)

    @classmethod
    def of(cls, values: Any) -> package:
        """Returns a package of exactly these values, one list among them included."""
        return super().__new__(cls, tuple(values))

    def __add__(self, other: tuple[Any, ...]) -> package:
        return package.of((*self, *other))

    def __repr__(self) -> str:
        return f"package{super().__repr__()}"


class kwargs(dict[str, Any]):  # noqa: N801
    """Values by name: spread over the keyword arguments of the next step."""


class Call:
    """A value together with keyword arguments, on its way to the first step that is called.

    Attributes:
        value: As between any two steps; a package is spread.
    """

    __slots__ = ("named", "value")

    def __init__(self, value: Any, named: dict[str, Any]) -> None:
        self.value = value
        self.named = named

    def __repr__(self) -> str:
        return f"{self.value!r} with {self.named!r}"


SPREAD = frozenset({package, kwargs, Call})


def call_with(function: Callable[..., Any], value: Any) -> Any:
    """Calls a function with a value as the flow language does."""
    kind = type(value)
    if kind is package:
        return function(*value)
    if kind is kwargs:
        return function(**value)
    if kind is Call:
        named = value.named
        if type(value.value) is package:
            return function(*value.value, **named)
        if type(value.value) is kwargs:
            return function(**value.value, **named)
        return function(value.value, **named)
    return function(value)


def spreading(function: Callable[..., Any]) -> Callable[[Any], Any]:
    """Returns a function of one value, for a step."""

    def call(value: Any) -> Any:
        if type(value) in SPREAD:
            return call_with(function, value)
        return function(value)

    return call


def bare(value: Any) -> Any:
    """Returns the value without keyword arguments."""
    return value.value if type(value) is Call else value


def with_named(value: Any, like: Any) -> Any:
    """Returns the value with the keyword arguments that ``like`` carries, if it does."""
    return Call(value, like.named) if type(like) is Call and like.named else value


def as_arguments(value: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Returns the positional and the named arguments that a value is spread over."""
    named: dict[str, Any] = {}
    if type(value) is Call:
        value, named = value.value, value.named
    if type(value) is package:
        return tuple(value), named
    if type(value) is kwargs:
        return (), {**value, **named}
    return (value,), named
