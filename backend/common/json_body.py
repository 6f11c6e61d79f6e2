"""Reads JSON bodies and refuses what a database or a page could not hold, with the place of it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from flowloft.core.errors import InputError
from flowloft.core.spec import MAX_JSON_DEPTH
from rest_framework.parsers import BaseParser

from backend.common.errors import ApiError, pointer

_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
"""Escapes that may stand for NUL or half a character; a raw one is no valid JSON or UTF-8."""


def _constant(name: str) -> float:
    raise InputError(f"{name} is no JSON number.", code="invalid_json", hint="Send a finite number.")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise InputError(
            "A number is too large.", code="invalid_json", hint="Numbers go up to about 1.8e308."
        )
    return number


def walk(value: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yields every value with its path, the outermost first. Needs no stack of its own depth."""
    todo: list[tuple[tuple[Any, ...], Any]] = [((), value)]
    while todo:
        path, found = todo.pop()
        yield path, found
        if isinstance(found, dict):
            todo.extend(((*path, key), inner) for key, inner in found.items())
        elif isinstance(found, list):
            todo.extend(((*path, index), inner) for index, inner in enumerate(found))


def depth_of(value: Any) -> int:
    """Returns how deep containers are nested; 0 for a scalar. Visits containers only."""
    depth = 0
    level = [value] if isinstance(value, dict | list) else []
    while level:
        depth += 1
        level = [
            inner
            for found in level
            for inner in (found.values() if isinstance(found, dict) else found)
            if isinstance(inner, dict | list)
        ]
    return depth


def refuse_deep(value: Any) -> None:
    """Raises ``too_deep`` with the path of the first container that is too deep."""
    if depth_of(value) <= MAX_JSON_DEPTH:
        return
    path = next(path for path, _ in walk(value) if len(path) >= MAX_JSON_DEPTH)
    raise InputError(
        f"The JSON is nested deeper than {MAX_JSON_DEPTH} levels.",
        code="too_deep",
        hint="Send a flatter document.",
        extra={"path": pointer(path)},
    )


def storable(text: str) -> bool:
    """Says whether a text has neither NUL nor half a surrogate pair."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def refuse_unstorable(value: Any) -> None:
    """Raises ``invalid_text`` with the path of a text that no database can hold."""
    for path, found in walk(value):
        texts = found.keys() if isinstance(found, dict) else [found]
        if any(isinstance(text, str) and not storable(text) for text in texts):
            raise InputError(
                "A text holds a NUL or half a surrogate pair.",
                code="invalid_text",
                hint="Send whole Unicode characters other than U+0000.",
                extra={"path": pointer([part for part in path if storable(str(part))])},
            )


def read_json(raw: bytes) -> Any:
    """Reads a JSON text strictly.

    Raises:
        InputError: It is no JSON, too deep, or holds what cannot be stored.
    """
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_constant, parse_float=_finite)
    except RecursionError:
        raise InputError("The JSON is nested too deep.", code="too_deep", extra={"path": ""}) from None
    except ValueError as error:
        raise InputError(f"That is no JSON: {error}", code="invalid_json", hint="Send valid JSON.") from None
    refuse_deep(value)
    if _SUSPECT.search(raw) or b"\0" in raw:
        refuse_unstorable(value)
    return value


class StrictJSONParser(BaseParser):
    """The only body parser of the API."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        try:
            raw = stream.read(limit + 1)
        except RequestDataTooBig:
            raw = b" " * (limit + 1)
        if len(raw) > limit:
            raise ApiError(
                413, "too_large", f"The body is larger than {limit} bytes.", "Send less.", limit=limit
            )
        return read_json(raw)


class JsonPatchParser(StrictJSONParser):
    """The same for ``application/json-patch+json``."""

    media_type = "application/json-patch+json"
