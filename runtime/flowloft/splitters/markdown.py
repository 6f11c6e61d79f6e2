"""One chunk a section."""

from __future__ import annotations

from pydantic import Field

from flowloft.core.parser import Parsed
from flowloft.core.splitter import Chunk, Splitter
from flowloft.splitters._pack import block_pieces, pack


class Markdown(Splitter):
    """Cuts at headings, of Markdown and of every document that has some; long sections further."""

    title = "Headings"

    level: int = Field(
        3, title="Deepest heading", ge=1, le=6, description="Deeper ones do not begin a new chunk."
    )
    size: int = Field(1500, title="Size", ge=50, le=20_000, description="Characters of a chunk, at most.")
    overlap: int = Field(
        0, title="Overlap", ge=0, le=10_000, description="Within a long section: characters that come again."
    )

    def split(self, parsed: Parsed) -> list[Chunk]:
        return pack(parsed, block_pieces(parsed, level=self.level), self.size, self.overlap)
