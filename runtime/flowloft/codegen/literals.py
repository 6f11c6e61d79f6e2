"""Values and calls as Python source, wrapped like a person would."""

from __future__ import annotations

import json
from typing import Any

WIDTH = 100
SHORT = 40
"""A text with line breaks that is not longer than this stays on one line."""


def literal(value: Any, depth: int = 0) -> str:
    """Returns JSON data as a Python expression.

    Args:
        depth: Levels of indentation of the line it begins in.
    """
    short = _short(value)
    if len(short) + 4 * depth <= (WIDTH - 20 if "\\n" not in short else SHORT):
        return short
    inner = "    " * (depth + 1)
    end = "    " * depth
    if isinstance(value, str):
        pieces = value.splitlines(keepends=True) if "\n" in value else [value]
        if len(pieces) == 1:
            return short
        return "(\n" + "".join(f"{inner}{_text(piece)}\n" for piece in pieces) + f"{end})"
    if isinstance(value, dict) and value:
        entries = (f"{inner}{_text(key)}: {literal(item, depth + 1)},\n" for key, item in value.items())
        return "{\n" + "".join(entries) + f"{end}}}"
    if isinstance(value, list) and value:
        return "[\n" + "".join(f"{inner}{literal(item, depth + 1)},\n" for item in value) + f"{end}]"
    return short


def call(function: str, arguments: list[str], depth: int) -> str:
    """Returns a call, indented, on one line where it fits."""
    indent = "    " * depth
    line = f"{indent}{function}({', '.join(arguments)})"
    if len(line) <= WIDTH - 20 and "\n" not in line:
        return line
    return f"{indent}{function}(\n" + "".join(f"{indent}    {one},\n" for one in arguments) + f"{indent})"


def _short(value: Any) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)}: {_short(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_short(item) for item in value) + "]"
    return repr(value)


def _text(value: str) -> str:
    """Returns a string in double quotes; JSON's escapes are Python's, but for halves of characters."""
    if not value.isprintable() and any("\ud800" <= char <= "\udfff" for char in value):
        return repr(value)
    text = json.dumps(value, ensure_ascii=False)
    for odd in ("\x7f", "\u2028", "\u2029"):
        text = text.replace(odd, f"\\u{ord(odd):04x}")
    return text
