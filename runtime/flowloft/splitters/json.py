"""Data."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import Field

from flowloft.core.parser import Parsed
from flowloft.core.splitter import Chunk, Splitter
from flowloft.splitters._pack import Piece, block_pieces, cut_after, pack

_LINE = re.compile(r"\n")


class Json(Splitter):
    """Keeps items of JSON whole where they fit; a large one is cut between its fields."""

    title = "JSON"

    size: int = Field(1000, title="Size", ge=50, le=20_000, description="Characters of a chunk, at most.")
    gather: bool = Field(
        True, title="Gather small items", description="Else each item of the outermost list is a chunk."
    )

    def split(self, parsed: Parsed) -> list[Chunk]:
        return pack(parsed, self._pieces(parsed), self.size)

    def _pieces(self, parsed: Parsed) -> Iterator[Piece]:
        for piece in block_pieces(parsed, None):
            if len(parsed.text[piece.start : piece.end].strip()) <= self.size:
                yield Piece(piece.start, piece.end, not self.gather)
                continue
            fresh = True
            for start, end in cut_after(parsed.text, piece.start, piece.end, _LINE):
                yield Piece(start, end, fresh)
                fresh = False
