"""The indexes of knowledge bases: which store, which collection, which model."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from flowloft.core import splitter
from flowloft.core.context import Context
from flowloft.core.errors import FlowloftError
from flowloft.core.knowledge import SearchResult, SearchSettings
from flowloft.core.parser import Place
from flowloft.core.provider import open_model
from flowloft.core.store import TEXT_STORES, VECTOR_STORES, Metadata, TextStore, VectorStore
from flowloft.rag import Index, IndexedChunk

from backend.documents import limits
from backend.documents.models import Chunk, KnowledgeBase, SourceDocument
from backend.hub.source import HubModels

SEARCH_SECONDS = 60.0
EMBED_SECONDS = 600.0
SHOWN = 100
"""Ids of disagreeing chunks that a check names."""


def _nothing() -> None:
    """Never gives up."""


@functools.cache
def vectors() -> VectorStore:
    """Returns the one store of vectors of this process; Chroma serves all processes."""
    place = limits.folder("chroma")
    return VECTOR_STORES.get("chroma")(path=place, url=settings.ENVIRONMENT.chroma_url)  # type: ignore[call-arg]


@functools.cache
def texts() -> TextStore:
    """Returns the one store of texts of this process."""
    return TEXT_STORES.get("tantivy")(path=limits.folder("texts"))  # type: ignore[call-arg]


class _Asking(Context):
    """A call that ends when the work it is for does."""

    def __init__(self, owner_id: Any, seconds: float, look: Callable[[], None]) -> None:
        super().__init__(models=HubModels(owner_id), timeout=seconds)
        self._look = look

    def check(self) -> None:
        self._look()
        super().check()


def asking(
    knowledge: KnowledgeBase, seconds: float = SEARCH_SECONDS, check: Callable[[], None] = _nothing
) -> Context:
    """Returns a context in which the models of a base's owner answer."""
    return _Asking(knowledge.owner_id, seconds, check)


def fingerprint_of(knowledge: KnowledgeBase) -> str:
    """Returns what tells the vectors of a base from those of any other model; empty where it is unknown."""
    try:
        connection = HubModels(knowledge.owner_id).resolve(knowledge.embedding)
    except FlowloftError:
        return ""
    return f"{connection.provider}/{connection.model}"


def collection_of(knowledge: KnowledgeBase, generation: int) -> str:
    """Returns the name of an index in both stores."""
    return f"{knowledge.pk}.{generation}"


def open_index(
    knowledge: KnowledgeBase,
    generation: int,
    *,
    ctx: Context | None = None,
    check: Callable[[], None] = _nothing,
) -> Index:
    """Opens an index of a base.

    Args:
        generation: The serving one, or the one that is being made, which may have another model.
        ctx: For the model that makes vectors.
        check: Called now and then; what it raises ends a long call.
    """
    building = generation == knowledge.building
    ref = knowledge.building_embedding if building else knowledge.embedding
    asked = ctx or asking(knowledge, EMBED_SECONDS, check)

    def embed(given: Sequence[str]) -> Sequence[Sequence[float]]:
        return open_model(asked, ref).embed(list(given))

    return Index(embed, vectors(), texts(), collection_of(knowledge, generation))


def drop_collection(knowledge: KnowledgeBase, generation: int) -> None:
    """Takes an index away."""
    name = collection_of(knowledge, generation)
    vectors().drop(name)
    texts().drop(name)


def indexed_chunk(
    chunk: Chunk, document: SourceDocument, vector: Sequence[float] | None = None
) -> IndexedChunk:
    """Returns a chunk as an index takes it."""
    facts: Metadata = {"language": document.language, "name": document.name, "tags": list(document.tags)}
    if chunk.places and chunk.places[0].get("page"):
        facts["page"] = int(chunk.places[0]["page"])
    return IndexedChunk(
        id=chunk.pk,
        document_id=str(document.pk),
        chunk=splitter.Chunk(
            text=chunk.text,
            start=chunk.start,
            end=chunk.end,
            places=[Place.model_validate(place) for place in chunk.places],
            heading_path=tuple(chunk.heading),
            metadata=chunk.metadata,
        ),
        title=document.title or document.name,
        order=chunk.order,
        parent_id=chunk.parent,
        group=chunk.group,
        metadata=facts,
        vector=vector,
    )


def search_index(
    knowledge: KnowledgeBase, query: str, chosen: SearchSettings, ctx: Context | None
) -> SearchResult:
    """Asks the serving index."""
    asked = ctx or asking(knowledge)
    # With one group a condition would cost time in every search, and leave nothing out.
    if not chosen.groups and len(knowledge.groups) > 1:
        chosen = chosen.model_copy(update={"groups": [knowledge.groups[0]["name"]]})
    return open_index(knowledge, knowledge.generation, ctx=asked).search(query, chosen, ctx=asked)


def check_index(knowledge: KnowledgeBase) -> dict[str, Any]:
    """Compares the serving index with the database."""
    expected = set(
        Chunk.objects.filter(
            document__knowledge=knowledge, document__enabled=True, enabled=True, document__generation__gt=0
        ).values_list("id", flat=True)
    )
    index = open_index(knowledge, knowledge.generation)
    found = index.check(expected)
    # What is in one of the two stores only is not found by every search.
    half = {*found.only_vectors, *found.only_texts} & expected
    missing = sorted({*found.missing, *half})
    return {
        "agrees": not found,
        "expected": len(expected),
        "missing_count": len(missing),
        "missing": missing[:SHOWN],
        "extra_count": len(found.extra),
        "extra": found.extra[:SHOWN],
    }
