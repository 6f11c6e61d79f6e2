"""Values as JSON text, whatever they are: what a run tells of them, here and from far away."""

from __future__ import annotations

import json
from typing import Any

from flowloft.core.types import SKIPPED, Stream

PREVIEW_CHARACTERS = 1_000
"""Of a value that is too long, or no JSON."""


def plain(payload: dict[str, Any]) -> str:
    """Returns JSON text of a payload that is JSON already."""
    return utf8(json.dumps(payload, separators=(",", ":"), ensure_ascii=False))


def utf8(text: str) -> str:
    """Returns text that can be stored and sent: half a surrogate pair becomes a question mark."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def values(parts: dict[str, Any], limit: int, room: int) -> tuple[str, bool]:
    """Turns the values of ports into the text of a JSON object.

    Args:
        parts: Value by port; one that was not taken is left out.
        limit: Bytes of JSON; a longer value is shown by its beginning.
        room: The same for all of them together; beyond it each is shown by its beginning.

    Returns:
        The text, and whether reading it gives back the very values.
    """
    texts: list[str] = []
    exact = True
    for name, value in parts.items():
        if value is SKIPPED:
            continue
        text, whole = _value(value, limit if room > 0 else 0)
        exact = exact and whole
        room -= len(text)
        texts.append(f"{encode(name)[0]}:{text}")
    return "{" + ",".join(texts) + "}", exact


def _value(value: Any, limit: int) -> tuple[str, bool]:
    text, exact = encode(value)
    if len(text) <= limit:
        return text, exact
    preview = (value if isinstance(value, str) else text)[:PREVIEW_CHARACTERS]
    return plain({"$clipped": {"bytes": len(text), "preview": preview}}), False


def encode(value: Any) -> tuple[str, bool]:
    """Returns any value as JSON text, and whether nothing was replaced on the way."""
    strange: list[object] = []

    def replace(item: object) -> Any:
        strange.append(item)
        return {"$stream": True} if isinstance(item, Stream) else {"$text": _shown(item)}

    try:
        text = json.dumps(value, separators=(",", ":"), default=replace, allow_nan=False, ensure_ascii=False)
    except (ValueError, TypeError, RecursionError):
        return plain({"$text": _shown(value)}), False
    return utf8(text), not strange


def _shown(item: object) -> str:
    try:
        return str(item)[:PREVIEW_CHARACTERS]
    except RecursionError:
        return type(item).__name__
