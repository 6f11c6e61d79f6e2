"""At the coarsest mark that is fine enough."""

from __future__ import annotations

import re

from pydantic import Field

from flowloft.core.parser import Parsed
from flowloft.core.splitter import Chunk, Splitter
from flowloft.splitters._pack import Piece, fine, pack


class Recursive(Splitter):
    """Cuts at the first separator that makes pieces small enough, else at the next, and so on."""

    title = "Recursive"

    size: int = Field(1000, title="Size", ge=20, le=20_000, description="Characters of a chunk, at most.")
    overlap: int = Field(
        100, title="Overlap", ge=0, le=10_000, description="Characters that come again, at most."
    )
    separators: list[str] = Field(
        default_factory=lambda: ["\n\n", "\n", "。", ". ", "，", " "],
        title="Separators",
        min_length=1,
        max_length=20,
        description="Coarsest first.",
        json_schema_extra={"x-widget": "list"},
    )

    def split(self, parsed: Parsed) -> list[Chunk]:
        marks = [re.compile(re.escape(one)) for one in self.separators if one]
        spans = fine(parsed.text, 0, len(parsed.text), self.size, len, marks)
        pieces = (Piece(start, end) for start, end in spans)
        return pack(parsed, pieces, self.size, self.overlap)
