"""Port types, the one rule of what connects to what, and the conversion along an edge.

A type is read off a Python annotation, so that a node names it once:
``def run(self, question: str, history: Messages) -> Stream[str]``.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Annotated, Any, Generic, TypeVar

T = TypeVar("T")


class PortType(StrEnum):
    """What travels along an edge."""

    TEXT = "text"
    MESSAGE = "message"
    MESSAGES = "messages"
    NUMBER = "number"
    BOOLEAN = "boolean"
    LIST = "list"
    RECORD = "record"
    DOCUMENTS = "documents"
    EMBEDDING = "embedding"
    FILE = "file"
    MODEL = "model"
    ANY = "any"


Message = Annotated[dict[str, Any], PortType.MESSAGE]
"""``{"role": "system" | "user" | "assistant" | "tool", "content": str, ...}``"""
Messages = Annotated[list[dict[str, Any]], PortType.MESSAGES]
"""Messages, oldest first."""
Documents = Annotated[list[dict[str, Any]], PortType.DOCUMENTS]
"""Chunks of documents: ``{"text": str, "score": float, "source": {...}, ...}``, best first."""
Embedding = Annotated[list[float], PortType.EMBEDDING]
"""One vector, L2-normalised."""
File = Annotated[dict[str, Any], PortType.FILE]
"""``{"name": str, "media_type": str, "bytes": int, "ref": str}``: a reference, never the content."""
ModelRef = Annotated[str, PortType.MODEL]
"""``"<connection>/<model>"``."""


class Stream(Generic[T], Iterable[T]):
    """Annotation of a port whose value comes in pieces, and the base of what carries them.

    A node that returns ``Stream[str]`` yields its chunks; one that takes ``Stream[str]`` starts
    when the first comes. Every other node is handed the whole text once it is whole.
    """

    def __iter__(self) -> Iterator[T]:
        raise TypeError("Stream is an annotation; the engine hands over a live one")


class Ports(dict[str, T]):
    """Return annotation of a kind whose output ports depend on its settings.

    Keys are port names; a port that is left out was not taken, and what hangs on it is skipped.
    """


class _Skipped:
    """The value of a port on a branch that was not taken."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "SKIPPED"

    def __bool__(self) -> bool:
        return False


SKIPPED = _Skipped()

_SCALARS: dict[Any, PortType] = {
    str: PortType.TEXT,
    int: PortType.NUMBER,
    float: PortType.NUMBER,
    bool: PortType.BOOLEAN,
    list: PortType.LIST,
    tuple: PortType.LIST,
    dict: PortType.RECORD,
}


def port_type(annotation: Any) -> tuple[PortType, bool]:
    """Reads a port's type off an annotation.

    Args:
        annotation: As ``typing.get_type_hints(..., include_extras=True)`` gives it.

    Returns:
        The type, and whether the port streams. What has no type of its own is ``any``.
    """
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        base, *metadata = typing.get_args(annotation)
        marked = next((item for item in metadata if isinstance(item, PortType)), None)
        return (marked, False) if marked else port_type(base)
    if origin is Stream:
        return port_type(typing.get_args(annotation)[0])[0], True
    if origin in (typing.Union, types.UnionType):
        arms = [arm for arm in typing.get_args(annotation) if arm is not type(None)]
        kinds = {port_type(arm) for arm in arms}
        return kinds.pop() if len(kinds) == 1 else (PortType.ANY, False)
    return _SCALARS.get(origin or annotation, PortType.ANY), False


def as_text(value: Any) -> str:
    """Returns a value as text: strings as they are, other values as compact JSON."""
    if isinstance(value, str):
        return value
    import json  # noqa: PLC0415 - kept off the import path of scripts that never need it

    return json.dumps(value, ensure_ascii=False, default=str)


def _user(value: Any) -> dict[str, Any]:
    return {"role": "user", "content": value}


_CONVERSIONS: dict[tuple[PortType, PortType], Callable[[Any], Any] | None] = {
    (PortType.TEXT, PortType.MESSAGE): _user,
    (PortType.TEXT, PortType.MESSAGES): lambda value: [_user(value)],
    (PortType.MESSAGE, PortType.MESSAGES): lambda value: [value],
    (PortType.MESSAGE, PortType.TEXT): lambda value: as_text(value.get("content", "")),
    (PortType.MESSAGE, PortType.RECORD): None,
    (PortType.NUMBER, PortType.TEXT): as_text,
    (PortType.BOOLEAN, PortType.TEXT): as_text,
    (PortType.RECORD, PortType.TEXT): as_text,
    (PortType.LIST, PortType.TEXT): as_text,
    (PortType.MESSAGES, PortType.LIST): None,
    (PortType.DOCUMENTS, PortType.LIST): None,
    (PortType.EMBEDDING, PortType.LIST): None,
    (PortType.FILE, PortType.RECORD): None,
    (PortType.MODEL, PortType.TEXT): None,
}


def connects(source: PortType, target: PortType) -> bool:
    """Says whether an edge may run from a port of one type to a port of another."""
    return source == target or PortType.ANY in (source, target) or (source, target) in _CONVERSIONS


def conversion(source: PortType, target: PortType) -> Callable[[Any], Any] | None:
    """Returns what turns a value of one type into the other; None where nothing has to change."""
    return _CONVERSIONS.get((source, target))


def connection_table() -> dict[str, list[str]]:
    """Returns :func:`connects` as data, for the editor: source type to target types."""
    return {
        source.value: [target.value for target in PortType if connects(source, target)] for source in PortType
    }
