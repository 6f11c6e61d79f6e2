"""How well each way to search finds what answers a question."""

from __future__ import annotations

from dataclasses import dataclass

from flowloft.core.knowledge import SearchSettings
from flowloft.core.splitter import Chunk
from flowloft.rag import Embedder, Index, IndexedChunk, VectorCache
from flowloft.stores.texts.tantivy import Tantivy
from flowloft.stores.vectors.exact import Exact

from benchmarks.rag._bilingual import bilingual

WAYS = {
    "dense": {"mode": "dense"},
    "BM25": {"mode": "text"},
    "hybrid": {},
    "hybrid by RRF": {"fusion": "rrf", "dense_weight": 0.5},
    "hybrid + keyword": {"rerank": {"by": "keyword"}},
    "hybrid + embedding": {"rerank": {"by": "embedding"}},
}


@dataclass(frozen=True)
class Quality:
    """What a way to search is worth; both 0 to 1.

    Attributes:
        recall: Share of the questions whose passage is among the first five.
        mrr: Mean of 1 / its place, 0 where it is not among the first ten.
    """

    recall: float
    mrr: float


def quality(ways: dict[str, dict[str, object]] | None = None) -> dict[str, dict[str, Quality]]:
    """Returns by way and by language (``en``, ``zh``, ``all``) what is found, with the model in the box."""
    passages, questions = bilingual()
    embed = Embedder(cache=VectorCache())
    embed([one.text for one in questions])
    index = Index(embed, Exact(), Tantivy(":memory:"))
    index.add([IndexedChunk(one.id, one.id, Chunk(text=one.text)) for one in passages])
    found: dict[str, dict[str, Quality]] = {}
    for way, settings in (ways or WAYS).items():
        chosen = SearchSettings.model_validate({"top_k": 10, **settings})
        places: dict[str, list[int]] = {one.language: [] for one in questions} | {"all": []}
        for question in questions:
            ids = [hit.chunk_id for hit in index.search(question.text, chosen).hits]
            place = ids.index(question.passage) + 1 if question.passage in ids else 0
            places[question.language].append(place)
            places["all"].append(place)
        found[way] = {language: _quality(told) for language, told in places.items()}
    return found


def _quality(places: list[int]) -> Quality:
    recall = sum(0 < place <= 5 for place in places) / len(places)
    return Quality(recall, sum(1 / place for place in places if place) / len(places))
