"""Events between their parts and their text. The log keeps text, so that a replay parses nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from flowloft.core.events import EVENT, TERMINAL, Event
from flowloft.core.plain import encode, plain, utf8
from flowloft.core.plain import values as all_values

from backend.runs import limits

__all__ = ["Batch", "Told", "batch", "encode", "line", "parse", "plain", "utf8", "values"]


class Told(NamedTuple):
    """An event before it has a number. ``payload`` is a JSON object's text."""

    type: str
    at: float
    payload: str


class Batch(NamedTuple):
    """Consecutive events of one run as they travel: ``text`` is a JSON array."""

    first: int
    last: int
    ended: bool
    text: str


def line(seq: int, kind: str, at: float, payload: str) -> str:
    """Returns the wire form of one event."""
    rest = "" if payload == "{}" else "," + payload[1:-1]
    return f'{{"seq":{seq},"at":{at!r},"type":"{kind}"{rest}}}'


def batch(first: int, events: Iterable[Told]) -> Batch:
    """Numbers events from ``first`` on."""
    lines, ended, seq = [], False, first - 1
    for seq, event in enumerate(events, first):
        lines.append(line(seq, *event))
        ended = event.type in TERMINAL
    return Batch(first, seq, ended, f"[{','.join(lines)}]")


def parse(text: str) -> Event:
    """Reads one event back."""
    return EVENT.validate_json(text)


def values(parts: dict[str, Any], limit: int = limits.VALUE_BYTES) -> tuple[str, bool]:
    """Turns the values of ports into the text of a JSON object; see :func:`flowloft.core.plain.values`."""
    return all_values(parts, limit, max(limits.EVENT_BYTES, limit))
