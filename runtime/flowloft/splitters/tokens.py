"""By tokens."""

from __future__ import annotations

from pydantic import Field

from flowloft.core.parser import Parsed
from flowloft.core.splitter import Chunk, Splitter
from flowloft.core.tokens import count_tokens
from flowloft.splitters._pack import block_pieces, pack


class Tokens(Splitter):
    """Gathers sentences up to a number of tokens, estimated as most models count them."""

    title = "Tokens"

    size: int = Field(256, title="Size", ge=10, le=8000, description="Tokens of a chunk, at most.")
    overlap: int = Field(
        32, title="Overlap", ge=0, le=4000, description="Tokens that come again in the next, at most."
    )

    def split(self, parsed: Parsed) -> list[Chunk]:
        pieces = block_pieces(parsed)
        return pack(parsed, pieces, self.size, self.overlap, measure=count_tokens, least=self.size // 4)
