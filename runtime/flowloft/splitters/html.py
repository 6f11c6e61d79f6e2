"""Web pages."""

from __future__ import annotations

from pydantic import Field

from flowloft.core.parser import Parsed
from flowloft.core.splitter import Chunk, Splitter
from flowloft.splitters._pack import block_pieces, pack


class Html(Splitter):
    """Keeps paragraphs, lists and tables of a page whole where they fit; a heading begins a chunk."""

    title = "Web page"

    size: int = Field(1000, title="Size", ge=50, le=20_000, description="Characters of a chunk, at most.")
    level: int = Field(
        2, title="Deepest heading", ge=1, le=6, description="h1 to h6: deeper ones do not begin a new chunk."
    )

    def split(self, parsed: Parsed) -> list[Chunk]:
        return pack(parsed, block_pieces(parsed, None, self.level), self.size)
