"""Two rankings to one. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from flowloft.core.knowledge import SearchSettings
from flowloft.core.store import Found


def fused(dense: Sequence[Found], text: Sequence[Found], settings: SearchSettings) -> list[Found]:
    """Returns what is in either ranking, best first.

    The score is, with ``rrf``, the sum of weight / (k + rank), rank from 1. With ``weights`` it is the
    weighted sum of two numbers of 0 to 1: of the cosine, scaled so that the best of its ranking has 1
    and the last 1/2, as models differ in the cosines that they give; and of the share of the question
    that the text has, so that words count for little where the texts have other words than the question.

    Source: Cormack, Clarke, Büttcher 2009, "Reciprocal rank fusion". The other is our own, measured
    in docs/benchmarks.md.
    """
    scores: dict[str, float] = {}
    ranked = settings.fusion == "rrf"
    by_meaning = _by_rank(dense, settings.rrf_k) if ranked else _scaled(dense)
    by_words = _by_rank(text, settings.rrf_k) if ranked else [one.share for one in text]
    weight = settings.dense_weight
    for ranking, parts, counts in ((dense, by_meaning, weight), (text, by_words, 1 - weight)):
        for one, part in zip(ranking, parts, strict=True):
            scores[one.id] = scores.get(one.id, 0.0) + counts * part
    ranked_ids = sorted(scores, key=lambda one: -scores[one])
    return [Found(one, scores[one]) for one in ranked_ids]


def _by_rank(ranking: Sequence[Found], k: int) -> list[float]:
    return [1 / (k + rank) for rank in range(1, len(ranking) + 1)]


def _scaled(ranking: Sequence[Found]) -> list[float]:
    if not ranking:
        return []
    low, high = ranking[-1].score, ranking[0].score
    return [1.0 if high == low else 0.5 + 0.5 * (one.score - low) / (high - low) for one in ranking]
