"""Source code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import Field

from flowloft.core.parser import Parsed
from flowloft.core.splitter import Chunk, Splitter
from flowloft.splitters._pack import Piece, pack

_UNIT = re.compile(r"^(?=[^\s})\]#/*;])(?!(?:end|else|elif|except|finally|catch)\b)", re.MULTILINE)
"""A line at the left edge that opens something: a function, a class, a declaration."""
_LINE_BEFORE = re.compile(r"(?:^[ \t]*(?:@|#|//|/\*|\*|\"\"\").*\n)+\Z", re.MULTILINE)


class Code(Splitter):
    """Keeps functions and classes whole where they fit, whatever the language: by their indentation."""

    title = "Code"

    size: int = Field(1500, title="Size", ge=50, le=20_000, description="Characters of a chunk, at most.")

    def split(self, parsed: Parsed) -> list[Chunk]:
        return pack(parsed, _units(parsed.text), self.size)


def _units(text: str) -> Iterator[Piece]:
    begin = 0
    for found in _UNIT.finditer(text):
        # What stands right above belongs to it: comments and decorators.
        above = _LINE_BEFORE.search(text, begin, found.start())
        at = above.start() if above else found.start()
        if at > begin:
            yield Piece(begin, at)
            begin = at
    yield Piece(begin, len(text))
