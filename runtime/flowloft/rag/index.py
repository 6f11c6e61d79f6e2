"""Chunks that can be searched: vectors in one store, texts in another, kept together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowloft.core.knowledge import SearchResult, SearchSettings
from flowloft.core.splitter import Chunk
from flowloft.core.store import Metadata, TextStore, VectorStore

Embed = Callable[[Sequence[str]], Sequence[Sequence[float]]]
"""Texts to vectors, ``(len(texts), dimensions)``; rows need not be normalised."""


@dataclass(frozen=True, slots=True)
class IndexedChunk:
    """A chunk on its way into an index.

    Attributes:
        id: Unique in the index; an equal id takes the place of the earlier one.
        document_id: What ``remove`` takes.
        order: Place among the chunks of its document and group, for windows.
        parent_id: Id of the larger chunk; empty where there is none.
        group: Name of its node group.
        embed_text: What is embedded in place of ``chunk.text``, where not empty.
        metadata: Facts to filter by.
        vector: Where it is known already.
    """

    id: str
    document_id: str
    chunk: Chunk
    title: str = ""
    order: int = 0
    parent_id: str = ""
    group: str = "default"
    embed_text: str = ""
    metadata: Metadata = field(default_factory=dict)
    vector: Sequence[float] | None = None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Where the parts of an index do not hold the same chunks."""

    only_vectors: list[str]
    only_texts: list[str]
    missing: list[str]
    """Ids that should be there and are in neither."""

    def __bool__(self) -> bool:
        return bool(self.only_vectors or self.only_texts or self.missing)


class Index:
    """One collection of chunks in a store of vectors and a store of texts.

    Args:
        embed: Makes vectors; see :class:`flowloft.rag.embed.Embedder`.
        vectors: The store of vectors.
        texts: The store of texts.
        collection: Its name in both.
    """

    def __init__(
        self, embed: Embed, vectors: VectorStore, texts: TextStore, collection: str = "default"
    ) -> None:
        self.embed = embed
        self.vectors = vectors
        self.texts = texts
        self.collection = collection

    def add(
        self, chunks: Sequence[IndexedChunk], *, progress: Callable[[int, int], None] | None = None
    ) -> None:
        """Adds chunks to both stores, or puts them in the place of those with the same ids."""
        raise NotImplementedError

    def remove(self, document_ids: Iterable[str]) -> None:
        """Takes away all chunks of the documents."""
        raise NotImplementedError(document_ids)

    def remove_chunks(self, ids: Sequence[str]) -> None:
        """Takes single chunks away."""
        raise NotImplementedError

    def search(self, query: str, settings: SearchSettings | None = None, **context: Any) -> SearchResult:
        """Finds chunks; see :class:`flowloft.core.knowledge.KnowledgeBase`."""
        raise NotImplementedError

    def rebuild(self, chunks: Iterable[IndexedChunk]) -> None:
        """Empties the index and fills it again."""
        raise NotImplementedError

    def check(self, expected: Iterable[str] | None = None) -> Disagreement:
        """Compares the two stores with each other, and with the ids that should be there."""
        raise NotImplementedError
