"""Takes parts out of lists and records by a short rule, for the edges of a graph."""

from __future__ import annotations

import json
from typing import Any

from flowloft.core.errors import FlowError
from flowloft.flow.values import package

_Part = int | str | slice | list[str] | tuple[str, ...]
"""An index or key; a range; several indices or keys (list); several keys as a record (tuple)."""


class JsonLike:
    """A rule such as ``[1]``, ``[0,2]``, ``[1:3]``, ``[:][name]``, ``{a, b}`` or ``*[0,1]``.

    ``[..]`` takes an item, several, or a range (what follows is then done to each); ``{..}`` takes
    the named values of a record, as a record; a leading ``*`` makes a package of several items, to
    be spread over the next step's arguments. Text is read as JSON first.
    """

    def __init__(self, rule: str = "") -> None:
        self.rule = rule.strip()
        self._spread = self.rule.startswith("*")
        self._parts = _parts(self.rule.removeprefix("*").strip())

    def __call__(self, value: Any) -> Any:
        if isinstance(value, str) and self._parts:
            value = _json(value)
        return self._take(value, self._parts)

    def __repr__(self) -> str:
        return f"JsonLike({self.rule!r})"

    def _take(self, value: Any, parts: list[_Part]) -> Any:
        if not parts:
            return value
        part, rest = parts[0], parts[1:]
        if isinstance(part, tuple):
            keys = value.keys() if part == (":",) else part
            return {key: self._take(value[key], rest) for key in keys}
        if isinstance(part, slice):
            if isinstance(value, dict):
                return [self._take(item, rest) for item in value.values()]
            return type(value)([self._take(item, rest) for item in value[part]])
        if isinstance(part, list):
            taken = [self._take(_one(value, key), rest) for key in part]
            return package.of(taken) if self._spread else taken
        return self._take(_one(value, part), rest)


class JsonFormatter(JsonLike):
    """Reads the first JSON value in a text, such as the answer of a model, and takes parts out of it.

    Raises, when it is called:
        FlowError: ``not_json``: the text holds none.

    Example:
        >>> JsonFormatter("[:][title]")('Sure: [{"title": "One"}, {"title": "Two"}]')
        ['One', 'Two']
    """

    def __call__(self, value: Any) -> Any:
        return super().__call__(_json(value) if isinstance(value, str) else value)


def _one(value: Any, key: int | str) -> Any:
    return value[key] if isinstance(value, dict) else value[int(key)]


def _parts(rule: str) -> list[_Part]:
    """Reads the rule; ``{a}`` may stand for ``[{a}]``."""
    if not rule:
        return []
    text = rule.replace("[{", "{").replace("}]", "}").replace("{", "[{").replace("}", "}]")
    if not (text.startswith("[") and text.endswith("]")) or "*" in text:
        raise FlowError(
            f"“{rule}” is no rule for taking parts.",
            code="invalid_formatter",
            hint="Write [1], [0,2], [1:3], {name} or *[0,1], one after the other.",
        )
    return [_part(part.strip()) for part in text[1:-1].split("][")]


def _part(text: str) -> _Part:
    if text.startswith("{"):
        return tuple(name.strip() for name in text[1:-1].split(",") if name.strip())
    if ":" in text:
        bounds = [piece.strip() for piece in text.split(":")]
        return slice(*(int(piece) if piece not in ("", "None") else None for piece in bounds))
    if "," in text:
        return [name.strip() for name in text.split(",") if name.strip()]
    return text


def _json(text: str) -> Any:
    """Reads JSON, or the first JSON value inside a text."""
    try:
        return json.loads(text)
    except ValueError:
        start = min((text.find(sign) for sign in "{[" if sign in text), default=-1)
        if start < 0:
            raise FlowError(
                "The text holds no JSON to take parts from.",
                code="not_json",
                hint="Let the step before answer in JSON.",
            ) from None
        try:
            return json.JSONDecoder().raw_decode(text[start:])[0]
        except ValueError as error:
            raise FlowError(
                f"The text holds no whole JSON: {error}.",
                code="not_json",
                hint="Let the step before answer in JSON.",
            ) from error
