"""How a step reads its inputs. Decided once, at compile time, because it happens at each step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flowloft.core.plan import Gather, Values
from flowloft.core.types import SKIPPED


@dataclass(frozen=True, slots=True)
class Reading:
    """One connected input port.

    Attributes:
        entries: The slots it may take its value from, in order, each with a conversion.
    """

    port: str
    entries: tuple[tuple[int, Callable[[Any], Any] | None], ...]
    required: bool
    multiple: bool

    def simple(self) -> bool:
        """Says whether it is one value that is passed on as it is."""
        return self.required and not self.multiple and len(self.entries) == 1 and self.entries[0][1] is None


def gathering(readings: list[Reading]) -> Gather:
    """Returns what reads all of them: a dict of values by port.

    A step is skipped (None) when a required port gets nothing, or when none of its connected ports
    gets anything: then it stands on a branch that was not taken.
    """
    if not readings:
        return _nothing
    if len(readings) == 1 and readings[0].simple():
        return _one(readings[0].port, readings[0].entries[0][0])
    if all(reading.simple() for reading in readings):
        return _simple([(reading.port, reading.entries[0][0]) for reading in readings])
    return _general(readings)


def _nothing(values: Values) -> dict[str, Any] | None:
    return {}


def _one(port: str, slot: int) -> Gather:
    def gather(values: Values) -> dict[str, Any] | None:
        value = values[slot]
        return None if value is SKIPPED else {port: value}

    return gather


def _simple(ports: list[tuple[str, int]]) -> Gather:
    def gather(values: Values) -> dict[str, Any] | None:
        inputs = {}
        for port, slot in ports:
            value = values[slot]
            if value is SKIPPED:
                return None
            inputs[port] = value
        return inputs

    return gather


def _general(readings: list[Reading]) -> Gather:
    def gather(values: Values) -> dict[str, Any] | None:
        inputs: dict[str, Any] = {}
        for reading in readings:
            taken = [
                value if convert is None else convert(value)
                for slot, convert in reading.entries
                if (value := values[slot]) is not SKIPPED
            ]
            if reading.multiple and taken:
                inputs[reading.port] = taken
            elif taken:
                inputs[reading.port] = taken[0]
            elif reading.required:
                return None
        return inputs or None

    return gather
