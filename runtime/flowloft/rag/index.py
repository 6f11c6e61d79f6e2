"""Chunks that can be searched: vectors in one store, texts in another, kept together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from flowloft.core.context import Context
from flowloft.core.knowledge import Hit, Scores, SearchResult, SearchSettings
from flowloft.core.parser import Place
from flowloft.core.splitter import Chunk
from flowloft.core.store import (
    Combine,
    Compare,
    Filter,
    Found,
    Metadata,
    Scalar,
    TextRow,
    TextStore,
    VectorRow,
    VectorStore,
)
from flowloft.rag.fuse import fused
from flowloft.rag.rerank import Reranker

_BATCH = 2000
"""Chunks that are embedded and written at a time."""

Embed = Callable[[Sequence[str]], Sequence[Sequence[float]]]
"""Texts to vectors, ``(len(texts), dimensions)``; rows need not be normalised."""


@dataclass(slots=True)
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
    extra: list[str]
    """Ids that are there and should not be."""

    def __bool__(self) -> bool:
        return bool(self.only_vectors or self.only_texts or self.missing or self.extra)


class Index:
    """One collection of chunks in a store of vectors and a store of texts.

    Args:
        embed: Makes vectors; see :class:`flowloft.rag.Embedder`.
        vectors: The store of vectors.
        texts: The store of texts; it also keeps what a chunk says of itself.
        collection: Its name in both.
        knowledge: Reference of the knowledge base, for citations.
        groups: Node groups that are searched where a search names none; none for all.
    """

    def __init__(
        self,
        embed: Embed,
        vectors: VectorStore,
        texts: TextStore,
        collection: str = "default",
        *,
        knowledge: str = "",
        groups: Sequence[str] = (),
    ) -> None:
        self.embed = embed
        self.vectors = vectors
        self.texts = texts
        self.collection = collection
        self.knowledge = knowledge
        self.groups = tuple(groups)

    def add(self, chunks: Iterable[IndexedChunk]) -> None:
        """Adds chunks to both stores, or puts them in the place of those with the same ids.

        Few are held at a time: while the texts of some are written, the next are fetched and embedded.
        """
        rest = iter(chunks)
        with ThreadPoolExecutor(1) as beside:
            writing: Future[None] | None = None
            while batch := list(islice(rest, _BATCH)):
                missing = [one.embed_text or one.chunk.text for one in batch if one.vector is None]
                made = iter(self.embed(missing) if missing else ())
                vectors = [next(made) if one.vector is None else one.vector for one in batch]
                facts = [_facts(one) for one in batch]
                both = zip(batch, facts, strict=True)
                texts = [TextRow(one.id, one.chunk.text, fact, _payload(one)) for one, fact in both]
                if writing is not None:
                    writing.result()
                writing = beside.submit(self.texts.upsert, self.collection, texts)
                rows = zip(batch, vectors, facts, strict=True)
                self.vectors.upsert(
                    self.collection, [VectorRow(one.id, vector, fact) for one, vector, fact in rows]
                )
            if writing is not None:
                writing.result()

    def remove(self, document_ids: Iterable[str]) -> None:
        """Takes away all chunks of the documents."""
        wanted: list[Scalar] = list(document_ids)
        if wanted:
            where = Compare(field="document_id", op="in", value=wanted)
            self.vectors.delete(self.collection, where=where)
            self.texts.delete(self.collection, where=where)

    def remove_chunks(self, ids: Sequence[str]) -> None:
        """Takes single chunks away."""
        if ids:
            self.vectors.delete(self.collection, ids=ids)
            self.texts.delete(self.collection, ids=ids)

    def search(
        self, query: str, settings: SearchSettings | None = None, *, ctx: Context | None = None
    ) -> SearchResult:
        """Finds chunks; see :class:`flowloft.core.knowledge.KnowledgeBase`.

        Args:
            ctx: The run that asks; a reranking model is looked up there.
        """
        settings = settings or SearchSettings()
        clock = _Clock()
        where = self._where(settings)
        dense = self._dense(query, settings, where, clock) if settings.mode != "text" else []
        text = self._text(query, settings, where, clock) if settings.mode != "dense" else []
        with clock("fuse"):
            ranking = _ranked(dense, text, settings)
        reranks = settings.rerank.by != "none"
        most = max(settings.top_k, settings.rerank.candidates) if reranks else settings.top_k
        with clock("load"):
            hits = self._loaded(_scored(ranking[:most], dense, text, settings))
        if reranks:
            with clock("rerank"):
                reranker = Reranker(settings.rerank.by, settings.rerank.model, ctx=ctx)
                hits = reranker(query, hits)
        hits = hits[: settings.top_k]
        if settings.expand != "none":
            with clock("load"):
                hits = self._widened(hits, settings)
        return SearchResult(hits=hits, timings=clock.all())

    def rebuild(self, chunks: Iterable[IndexedChunk]) -> None:
        """Empties the index and fills it again."""
        self.vectors.drop(self.collection)
        self.texts.drop(self.collection)
        self.add(chunks)

    def check(self, expected: Iterable[str] | None = None) -> Disagreement:
        """Compares the two stores with each other, and with the ids that should be there."""
        vectors = set(self.vectors.ids(self.collection))
        texts = {row.id for row in self.texts.rows(self.collection)}
        wanted = vectors | texts if expected is None else set(expected)
        return Disagreement(
            only_vectors=sorted(vectors - texts),
            only_texts=sorted(texts - vectors),
            missing=sorted(wanted - (vectors | texts)),
            extra=sorted((vectors | texts) - wanted),
        )

    def _where(self, settings: SearchSettings) -> Filter | None:
        parts: list[Filter] = []
        groups: list[Scalar] = list(settings.groups or self.groups)
        if groups:
            parts.append(Compare(field="group", op="in", value=groups))
        if settings.filters is not None:
            parts.append(settings.filters)
        return None if not parts else parts[0] if len(parts) == 1 else Combine(op="and", filters=parts)

    def _dense(
        self, query: str, settings: SearchSettings, where: Filter | None, clock: _Clock
    ) -> list[Found]:
        with clock("embed"):
            (vector,) = self.embed([query])
        with clock("dense"):
            return self.vectors.query(self.collection, vector, _wanted(settings), where)

    def _text(self, query: str, settings: SearchSettings, where: Filter | None, clock: _Clock) -> list[Found]:
        with clock("text"):
            return self.texts.search(self.collection, query, _wanted(settings), where)

    def _loaded(self, scores: dict[str, Scores]) -> list[Hit]:
        rows = self.texts.get(self.collection, list(scores))
        return [self._hit(rows[one], score) for one, score in scores.items() if one in rows]

    def _hit(self, row: TextRow, scores: Scores) -> Hit:
        said = row.payload
        return Hit(
            chunk_id=row.id,
            document_id=str(row.metadata.get("document_id", "")),
            title=said.get("title", ""),
            knowledge=self.knowledge,
            text=row.text,
            heading_path=tuple(said.get("heading_path", ())),
            places=[Place.model_validate(place) for place in said.get("places", ())],
            scores=scores,
            metadata={**row.metadata, **said.get("metadata", {})},
        )

    def _widened(self, hits: list[Hit], settings: SearchSettings) -> list[Hit]:
        if settings.expand == "parent":
            return self._with_parents(hits)
        return [self._with_neighbours(hit, settings.window) for hit in hits]

    def _with_parents(self, hits: list[Hit]) -> list[Hit]:
        """Puts the larger chunk in the place of each; of several with the same one the best stays."""
        wanted = [str(hit.metadata["parent_id"]) for hit in hits if hit.metadata.get("parent_id")]
        parents = self.texts.get(self.collection, wanted)
        kept: dict[str, Hit] = {}
        for hit in hits:
            parent = parents.get(str(hit.metadata.get("parent_id", "")))
            if parent is None:
                kept.setdefault(hit.chunk_id, hit)
            elif parent.id not in kept:
                whole = self._hit(parent, hit.scores)
                kept[parent.id] = whole.model_copy(update={"matched": hit.text, "chunk_id": hit.chunk_id})
        return list(kept.values())

    def _with_neighbours(self, hit: Hit, window: int) -> Hit:
        order = int(hit.metadata.get("order", 0))
        near: list[Scalar] = [at for at in range(order - window, order + window + 1) if at >= 0]
        where = Combine(
            filters=[
                Compare(field="document_id", value=hit.document_id),
                Compare(field="group", value=str(hit.metadata.get("group", ""))),
                Compare(field="order", op="in", value=near),
            ]
        )
        rows = sorted(
            self.texts.rows(self.collection, where), key=lambda row: int(str(row.metadata["order"]))
        )
        if len(rows) < 2:
            return hit
        places = [place for row in rows for place in self._hit(row, hit.scores).places]
        text = "\n\n".join(row.text for row in rows)
        return hit.model_copy(update={"text": text, "matched": hit.text, "places": places})


class _Clock:
    """Adds up the seconds of each stage."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._began = time.perf_counter()

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self._seconds[stage] = self._seconds.get(stage, 0.0) + time.perf_counter() - began

    def all(self) -> dict[str, float]:
        return {**self._seconds, "total": time.perf_counter() - self._began}


def _wanted(settings: SearchSettings) -> int:
    return max(settings.candidates, settings.top_k)


def _facts(one: IndexedChunk) -> Metadata:
    own: Metadata = {"document_id": one.document_id, "group": one.group, "order": one.order}
    if one.parent_id:
        own["parent_id"] = one.parent_id
    return {**one.metadata, **own}


def _payload(one: IndexedChunk) -> dict[str, Any]:
    # The fields of a model of scalars are what `model_dump` gives, in a small part of the time.
    said = {
        "title": one.title,
        "heading_path": one.chunk.heading_path,
        "places": [place.__dict__ for place in one.chunk.places],
        "metadata": one.chunk.metadata,
    }
    return {name: value for name, value in said.items() if value}


def _ranked(dense: list[Found], text: list[Found], settings: SearchSettings) -> list[Found]:
    """Puts both rankings together and leaves out what is below the threshold."""
    hybrid = settings.mode == "hybrid"
    ranking = fused(dense, text, settings) if hybrid else dense or text
    least = settings.threshold
    if least is None:
        return ranking
    words = {one.id for one in text} if hybrid else set()
    measure = {one.id: one.score for one in (text if settings.mode == "text" else dense)}
    return [one for one in ranking if measure.get(one.id, least if one.id in words else -1e9) >= least]


def _scored(
    ranking: list[Found], dense: list[Found], text: list[Found], settings: SearchSettings
) -> dict[str, Scores]:
    """Returns what each stage thought of the best, in their order."""
    by_dense = {one.id: one.score for one in dense}
    by_text = {one.id: one.score for one in text}
    return {
        one.id: Scores(
            dense=by_dense.get(one.id),
            text=by_text.get(one.id),
            fused=one.score if settings.mode == "hybrid" else None,
        )
        for one in ranking
    }
