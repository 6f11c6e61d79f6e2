"""Documents to answers: parse, split, embed, index, search, put in order. No Django."""

from flowloft.core.parser import DocumentError
from flowloft.rag.document import DEFAULT_GROUP, SOURCE, Document, Retriever
from flowloft.rag.embed import Embedder, VectorCache
from flowloft.rag.index import Disagreement, Embed, Index, IndexedChunk
from flowloft.rag.jail import ParseLimits, Waiting, parse_limited, parse_together
from flowloft.rag.rerank import Reranker
from flowloft.rag.source import FolderKnowledge, bundled, bundled_names, search_knowledge
from flowloft.rag.transform import ask_model, keywords, questions, summary

__all__ = [
    "DEFAULT_GROUP",
    "SOURCE",
    "Disagreement",
    "Document",
    "DocumentError",
    "Embed",
    "Embedder",
    "FolderKnowledge",
    "Index",
    "IndexedChunk",
    "ParseLimits",
    "Reranker",
    "Retriever",
    "VectorCache",
    "Waiting",
    "ask_model",
    "bundled",
    "bundled_names",
    "keywords",
    "parse_limited",
    "parse_together",
    "questions",
    "search_knowledge",
    "summary",
]
