"""How well each way to search finds what answers a question.

How much meaning weighs against words is chosen on one half of the questions; what is reported is what the
other half finds.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from flowloft.core.knowledge import SearchSettings
from flowloft.core.splitter import Chunk
from flowloft.rag import Embedder, Index, IndexedChunk, VectorCache
from flowloft.stores.texts.tantivy import Tantivy
from flowloft.stores.vectors.exact import Exact

from benchmarks.rag._bilingual import Question, bilingual

WAYS = {
    "dense": {"mode": "dense"},
    "BM25": {"mode": "text"},
    "hybrid": {},
    "hybrid by RRF": {"fusion": "rrf", "dense_weight": 0.5},
    "hybrid + keyword": {"rerank": {"by": "keyword"}},
    "hybrid + embedding": {"rerank": {"by": "embedding"}},
}
WEIGHTS = [tenth / 10 for tenth in range(11)]


@dataclass(frozen=True)
class Quality:
    """What a way to search is worth; both 0 to 1.

    Attributes:
        recall: Share of the questions whose passage is among the first five.
        mrr: Mean of 1 / its place, 0 where it is not among the first ten.
    """

    recall: float
    mrr: float


class Asked:
    """The passages, indexed with the model in the box, and the two halves of the questions.

    Both questions about a passage are in one half.
    """

    def __init__(self) -> None:
        passages, questions = bilingual()
        embed = Embedder(cache=VectorCache())
        embed([one.text for one in questions])
        self._index = Index(embed, Exact(), Tantivy(":memory:"))
        self._index.add(IndexedChunk(one.id, one.id, Chunk(text=one.text)) for one in passages)
        self.choosing = [one for one in questions if _is_even(one)]
        self.held_out = [one for one in questions if not _is_even(one)]

    def quality(
        self, ways: dict[str, dict[str, object]], questions: Sequence[Question]
    ) -> dict[str, dict[str, Quality]]:
        """Returns by way and by language (``en``, ``zh``, ``python``, ``all``) what is found."""
        found: dict[str, dict[str, Quality]] = {}
        for way, settings in ways.items():
            chosen = SearchSettings.model_validate({"top_k": 10, **settings})
            places: dict[str, list[int]] = {one.language: [] for one in questions} | {"all": []}
            for question in questions:
                ids = [hit.chunk_id for hit in self._index.search(question.text, chosen).hits]
                place = ids.index(question.passage) + 1 if question.passage in ids else 0
                places[question.language].append(place)
                places["all"].append(place)
            found[way] = {language: _quality(told) for language, told in places.items()}
        return found

    def by_weight(self) -> dict[float, Quality]:
        """Returns what the half for choosing finds with each weight of meaning."""
        ways: dict[str, dict[str, object]] = {str(one): {"dense_weight": one} for one in WEIGHTS}
        return {float(way): told["all"] for way, told in self.quality(ways, self.choosing).items()}


def _is_even(question: Question) -> bool:
    return hashlib.sha256(question.passage.encode()).digest()[0] % 2 == 0


def _quality(places: list[int]) -> Quality:
    recall = sum(0 < place <= 5 for place in places) / len(places)
    return Quality(recall, sum(1 / place for place in places if place) / len(places))
