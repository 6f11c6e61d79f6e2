"""Values and calls as Python source, wrapped like a person would."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

WIDTH = 100
"""Columns. A formatter that is set to as many changes nothing of what is written."""
SHORT = 40
"""Data with line breaks in it that is not wider than this stays on one line."""


def literal(value: Any, depth: int = 0, beside: int = 0) -> str:
    """Returns JSON data as a Python expression.

    Args:
        depth: Levels of indentation of the line it begins in.
        beside: Columns of what stands before it and behind it in that line.
    """
    short = _short(value)
    text = isinstance(value, str)
    room = WIDTH if text else WIDTH - 20 if "\\n" not in short else SHORT
    if columns(short) + 4 * depth + beside <= room:
        return short
    inner = "    " * (depth + 1)
    end = "    " * depth
    if text:
        pieces = value.splitlines(keepends=True) if "\n" in value else [value]
        if len(pieces) == 1:
            return short
        if columns(short) + len(inner) <= WIDTH:
            return f"(\n{inner}{short}\n{end})"
        return "(\n" + "".join(f"{inner}{_text(piece)}\n" for piece in pieces) + f"{end})"
    if isinstance(value, dict) and value:
        entitled = ((_text(key), item) for key, item in value.items())
        entries = (f"{inner}{key}: {literal(item, depth + 1, columns(key) + 3)},\n" for key, item in entitled)
        return "{\n" + "".join(entries) + f"{end}}}"
    if isinstance(value, list) and value:
        return "[\n" + "".join(f"{inner}{literal(item, depth + 1, 1)},\n" for item in value) + f"{end}]"
    return short


def named(name: str, value: Any, depth: int) -> str:
    """Returns an argument with its name, as it stands on a line of its own."""
    return f"{name}={literal(value, depth, columns(name) + 2)}"


def columns(text: str) -> int:
    """Returns how wide a text is where each character of Chinese takes two columns."""
    return len(text) + sum(unicodedata.east_asian_width(char) in "WF" for char in text)


def call(function: str, arguments: list[str], depth: int) -> str:
    """Returns a call, indented, on one line where it fits."""
    indent = "    " * depth
    line = f"{indent}{function}({', '.join(arguments)})"
    if columns(line) <= WIDTH - 20 and "\n" not in line:
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
    """Returns a string, in double quotes where those need no more escapes than single ones.

    JSON's escapes are Python's, but for halves of characters.
    """
    if not value.isprintable() and any("\ud800" <= char <= "\udfff" for char in value):
        return repr(value)
    text = json.dumps(value, ensure_ascii=False)
    if value.count('"') > value.count("'"):
        text = "'" + text[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"
    for odd in ("\x7f", "\u2028", "\u2029"):
        text = text.replace(odd, f"\\u{ord(odd):04x}")
    return text
