"""Documents to answers: parse, split, embed, index, search, put in order. No Django."""

from flowloft.core.parser import DocumentError
from flowloft.rag.index import Disagreement, Embed, Index, IndexedChunk
from flowloft.rag.jail import ParseLimits, parse_limited

__all__ = [
    "Disagreement",
    "DocumentError",
    "Embed",
    "Index",
    "IndexedChunk",
    "ParseLimits",
    "parse_limited",
]
