"""Whole sentences."""

from __future__ import annotations

from pydantic import Field

from flowloft.core.parser import Parsed
from flowloft.core.splitter import Chunk, Splitter
from flowloft.splitters._pack import block_pieces, pack


class Sentence(Splitter):
    """Gathers whole sentences, English and Chinese; a heading begins a new chunk."""

    title = "Sentences"

    size: int = Field(500, title="Size", ge=20, le=20_000, description="Characters of a chunk, at most.")
    overlap: int = Field(
        80,
        title="Overlap",
        ge=0,
        le=10_000,
        description="Characters of the end of a chunk that come again in the next, at most.",
    )

    def split(self, parsed: Parsed) -> list[Chunk]:
        return pack(parsed, block_pieces(parsed), self.size, self.overlap, least=self.size // 4)
