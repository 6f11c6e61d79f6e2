"""What a language model can have done: a tool, as the model is told of it, and what came of a call."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from flowloft.core.errors import FlowloftError
from flowloft.core.types import PortType, as_text

LONGEST = 64
"""Characters of a tool's name, as the vendors have it."""
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")

_SCHEMAS: dict[PortType, dict[str, Any]] = {
    PortType.TEXT: {"type": "string"},
    PortType.MESSAGE: {"type": "string"},
    PortType.MESSAGES: {"type": "string"},
    PortType.MODEL: {"type": "string"},
    PortType.NUMBER: {"type": "number"},
    PortType.BOOLEAN: {"type": "boolean"},
    PortType.LIST: {"type": "array", "items": {}},
    PortType.DOCUMENTS: {"type": "array", "items": {"type": "object"}},
    PortType.EMBEDDING: {"type": "array", "items": {"type": "number"}},
    PortType.RECORD: {"type": "object"},
    PortType.FILE: {"type": "object"},
}


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as a model is told of it.

    Attributes:
        name: By which it is called: letters, digits, ``_`` and ``-``.
        description: What it does and when to use it.
        parameters: JSON Schema of the object of its arguments.
    """

    name: str
    description: str
    parameters: dict[str, Any]

    def told(self) -> dict[str, Any]:
        """Returns it as it stands in ``tools`` of a request."""
        return {
            "type": "function",
            "function": {
                "name": self.name,
                "description": self.description,
                "parameters": self.parameters,
            },
        }

    def wrong(self, arguments: Any) -> str:
        """Says what is wrong with arguments, for the model that wrote them; empty where they fit."""
        import jsonschema  # noqa: PLC0415 - only agents need it

        found = jsonschema.Draft202012Validator(self.parameters).iter_errors(arguments)
        return "; ".join(
            f"{'/'.join(str(part) for part in one.absolute_path) or 'arguments'}: {one.message[:300]}"
            for _, one in zip(range(3), found, strict=False)
        )


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a call: a value, or the error with which the tool failed."""

    value: Any = None
    error: FlowloftError | None = None

    def text(self) -> str:
        """Returns it as the model reads it."""
        if self.error is None:
            return _passages(self.value) or as_text(self.value)
        told = self.error.payload()
        return as_text({"error": {name: told[name] for name in ("code", "message", "hint") if told[name]}})


def _passages(value: Any) -> str:
    """Returns documents as their texts: a model needs no scores, and reads ids as if they meant something."""
    is_documents = isinstance(value, list) and all(
        isinstance(one, dict) and isinstance(one.get("text"), str) and "score" in one for one in value
    )
    return "\n\n".join(one["text"] for one in value) if is_documents else ""


Asked = tuple[int, str, dict[str, Any]]
"""A call: the round it is told under, the name of the tool, its arguments."""


@runtime_checkable
class Tools(Protocol):
    """The inside of an agent: nodes that are tools, each by itself. As annotation of a parameter of
    ``run`` it is handed over by the engine. The kind has a method ``ask`` besides, which asks the model."""

    def offers(self) -> list[Tool]:
        """Returns the tools; their names differ."""
        ...

    def ask(self, index: int, inputs: dict[str, Any]) -> Generator[str, None, dict[str, Any]]:
        """Has the kind's ``ask`` run as a step of its own, so that what it decided is kept.

        Yields:
            The text as it comes. Where an earlier attempt of the run has asked already, all at once.

        Returns:
            What ``ask`` returned, with the whole ``text``.
        """
        ...

    def each(self, calls: Sequence[Asked], *, limit: int) -> list[Done]:
        """Runs tools side by side, at most ``limit`` at a time; results in order.

        Raises:
            Paused: One of them waits for a person, and the others are done.
        """
        ...


def schema_of(ports: Iterable[Any]) -> dict[str, Any]:
    """Returns the JSON Schema of an object that has a value for each input port."""
    properties: dict[str, Any] = {}
    required = []
    for port in ports:
        schema = dict(_SCHEMAS.get(port.type, {}))
        if port.multiple:
            schema = {"type": "array", "items": schema}
        if port.description:
            schema["description"] = port.description
        properties[port.name] = schema
        if port.required and not port.multiple:
            required.append(port.name)
    return object_schema(properties, required)


def object_schema(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    """Returns the JSON Schema of an object with these members and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def distinct(name: str, fallback: str, taken: Callable[[str], bool]) -> str:
    """Returns a name that a model can call a tool by, and that no other has."""
    plain = _NOT_IN_NAMES.sub("_", name).strip("_-") or _NOT_IN_NAMES.sub("_", fallback).strip("_-") or "tool"
    free, number = plain[:LONGEST], 2
    while taken(free):
        free, number = f"{plain[: LONGEST - 4]}_{number}", number + 1
    return free
