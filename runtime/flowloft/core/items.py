"""What a container takes as the items of its rounds."""

from __future__ import annotations

import json
from typing import Any

from flowloft.core.errors import FlowError

MAX_ITEMS = 100_000


def as_items(value: Any, *, lines: bool) -> list[Any] | dict[str, Any]:
    """Returns a value as a list, or as a record where it is one.

    A text may hold a list as JSON, as models answer: ``["a", "b"]``, or ``{"steps": ["a", "b"]}``.

    Args:
        lines: Whether any other text stands for its lines that are not empty.

    Raises:
        FlowError: ``not_a_list``, or ``too_many_items``.
    """
    found = _read(value, lines=lines) if isinstance(value, str) else value
    if not isinstance(found, (list, tuple, dict)):
        raise FlowError(
            f"A list or a record is needed, not {_article(found)}.",
            code="not_a_list",
            hint="Connect a list, let the model answer by a JSON schema, or take the lines of a text.",
        )
    if len(found) > MAX_ITEMS:
        raise FlowError(
            f"{len(found)} items are too many.",
            code="too_many_items",
            hint=f"At most {MAX_ITEMS} are allowed.",
        )
    return found if isinstance(found, dict) else list(found)


def _read(text: str, *, lines: bool) -> Any:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if isinstance(found, dict) and len(found) == 1:
        (only,) = found.values()
        found = only if isinstance(only, list) else found
    if isinstance(found, (list, dict)):
        return found
    return [line for line in text.splitlines() if line.strip()] if lines else text


def _article(value: Any) -> str:
    names = {str: "a text", int: "a number", float: "a number", bool: "yes or no", type(None): "nothing"}
    return names.get(type(value), "this")
