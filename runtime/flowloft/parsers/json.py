"""Data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any

from flowloft.core.parser import Block, DocumentError, Parsed, Parser, assemble
from flowloft.parsers._text import read_text


class Json(Parser):
    """Reads JSON and JSON lines; each item of the outermost list or record is a block."""

    title = "JSON"
    suffixes = (".json", ".jsonl", ".ndjson")
    media_types = ("application/json", "application/x-ndjson", "application/jsonl")

    def parse(self, path: Path) -> Parsed:
        text, remarks = read_text(path)
        lines = PurePath(path).suffix.lower() in (".jsonl", ".ndjson")
        return assemble(_blocks(_lines(text) if lines else _whole(text)), remarks=remarks)


def _whole(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise DocumentError("It is nested too deeply.", code="unreadable", hint="Flatten it.") from error
    except ValueError as error:
        try:
            return _lines(text)
        except DocumentError:
            raise _broken(error) from error


def _lines(text: str) -> list[Any]:
    try:
        return [json.loads(line) for line in text.split("\n") if line.strip()]
    except ValueError as error:
        raise _broken(error) from error


def _broken(error: ValueError) -> DocumentError:
    return DocumentError(f"It is no JSON: {error}.", code="unreadable", hint="Check it with a JSON tool.")


def _blocks(data: Any) -> Iterator[Block]:
    if isinstance(data, dict) and data:
        for key, value in data.items():
            yield Block(kind="code", text=_text({key: value}))
    elif isinstance(data, list):
        for item in data:
            yield Block(kind="code", text=_text(item))
    else:
        yield Block(kind="code", text=_text(data))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
