"""What :class:`ServerModule` and :class:`UrlModule` say to each other: plain JSON, and events.

A call is ``{"input": value}``, or ``{"args": [...], "named": {...}}``; ``"stream": true`` asks for
events. The answer is ``{"output": value}``, with ``"spread": true`` where it holds several values
for the next step. In a stream each piece is an event ``piece``; ``done`` or ``error`` ends it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from flowloft.core.errors import InputError

MAX_LINE = 1024 * 1024
"""Characters in one line of an event."""


def call_of(args: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
    """Returns a call as data."""
    if len(args) == 1 and not named:
        return {"input": args[0]}
    return {"args": list(args), **({"named": named} if named else {})}


def arguments_of(call: Any) -> tuple[list[Any], dict[str, Any]]:
    """Returns positional and named arguments.

    Raises:
        InputError: ``invalid_call``.
    """
    known = {"input", "args", "named", "stream"}
    fits = isinstance(call, dict) and call.keys() <= known and not {"input", "args"} <= call.keys()
    if fits:
        args, named = call.get("args", []), call.get("named", {})
        if isinstance(args, list) and isinstance(named, dict) and isinstance(call.get("stream", False), bool):
            return [call["input"]] if "input" in call else args, named
    raise InputError(
        "This is no call.",
        code="invalid_call",
        hint='Send {"input": value}, or {"args": [...], "named": {...}}, and "stream": true for events.',
    )


def written(value: Any) -> bytes:
    """Returns plain data as JSON.

    Raises:
        InputError: ``not_json``.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(
            f"This can't be sent: {error}.",
            code="not_json",
            hint="Texts, finite numbers, lists and records can.",
        ) from error
    return text.encode("utf-8", "replace")


def parsed(text: bytes | str) -> Any:
    """Reads JSON, and nothing besides: neither NaN nor a nesting without end.

    Raises:
        ValueError: It is none.
    """
    try:
        return json.loads(text, parse_constant=_refused)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def event(name: str, data: Any) -> bytes:
    """Returns one event of a stream."""
    return b"event: " + name.encode() + b"\ndata: " + written(data) + b"\n\n"


def events(parts: Iterable[bytes]) -> Iterator[tuple[str, str]]:
    """Reads the events of a stream: name (``message`` where it has none) and data.

    Raises:
        ValueError: A line is longer than :data:`MAX_LINE`, or the stream is no UTF-8.
    """
    name, data = "", list[str]()
    for line in _lines(parts):
        if line:
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "event":
                name = value
            elif field == "data":
                data.append(value)
        else:
            if data:
                yield name or "message", "\n".join(data)
            name, data = "", []


def _lines(parts: Iterable[bytes]) -> Iterator[str]:
    rest = b""
    for part in parts:
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            yield line.removesuffix(b"\r").decode()
        if len(rest) > MAX_LINE:
            raise ValueError(f"a line is longer than {MAX_LINE} bytes")
