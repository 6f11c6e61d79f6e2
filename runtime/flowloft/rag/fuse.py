"""Two rankings to one. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from flowloft.core.knowledge import SearchSettings
from flowloft.core.store import Found


def fused(dense: Sequence[Found], text: Sequence[Found], settings: SearchSettings) -> list[Found]:
    """Returns what is in either ranking, best first.

    The score is, with ``rrf``, the sum of weight / (k + rank), rank from 1; with ``weights`` the
    weighted sum of both scores, each scaled to 0 to 1 over its ranking.

    Source: Cormack, Clarke, Büttcher 2009, "Reciprocal rank fusion".
    """
    scores: dict[str, float] = {}
    for ranking, weight in ((dense, settings.dense_weight), (text, 1 - settings.dense_weight)):
        if settings.fusion == "rrf":
            parts = [1 / (settings.rrf_k + rank) for rank in range(1, len(ranking) + 1)]
        else:
            parts = _scaled([one.score for one in ranking])
        for one, part in zip(ranking, parts, strict=True):
            scores[one.id] = scores.get(one.id, 0.0) + weight * part
    return sorted((Found(one, score) for one, score in scores.items()), key=lambda one: -one.score)


def _scaled(scores: list[float]) -> list[float]:
    if not scores:
        return []
    low, high = min(scores), max(scores)
    return [1.0 if high == low else (score - low) / (high - low) for score in scores]
