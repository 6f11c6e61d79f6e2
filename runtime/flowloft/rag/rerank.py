"""Candidates put in order once more."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flowloft.core.context import Context
from flowloft.core.errors import NoFit
from flowloft.core.knowledge import Hit, RerankSettings
from flowloft.core.models import DEFAULT_EMBEDDING, EnvironmentModels
from flowloft.core.provider import open_model
from flowloft.rag.embed import Embedder


class Reranker:
    """Orders hits by how well they fit a question.

    Args:
        by: ``model``, a reranking model of a connection (a score of 0 to 1 each); ``embedding``,
            an embedding model (cosine, -1 to 1); ``keyword``, the share of the words of the question
            that a chunk has, rare ones counting more (0 to 1); ``rrf``, by the ranks that it had.
        model: ``"<connection>/<model>"``.
        top_k: How many are kept; None for all.
        ctx: The run that asks, with its models.

    Example:
        >>> hits = [Hit(chunk_id=text, document_id="d", text=text) for text in ("tea", "cats")]
        >>> [hit.text for hit in Reranker("keyword")("where are the cats", hits)]
        ['cats', 'tea']
    """

    def __init__(
        self, by: str = "keyword", model: str = "", *, top_k: int | None = None, ctx: Context | None = None
    ) -> None:
        self._settings = RerankSettings.model_validate({"by": by, "model": model})
        self._top_k = top_k
        self._ctx = ctx or Context(models=EnvironmentModels())

    def __call__(self, query: str, hits: Sequence[Hit]) -> list[Hit]:
        """Returns the hits, best first, with ``scores.reranked``.

        Raises:
            ProviderError: The model did not answer, or does not rerank.
            NoFit: ``no_rerank_model``: none is named.
        """
        if not hits or self._settings.by == "none":
            return list(hits)[: self._top_k]
        score = getattr(self, f"_{self._settings.by}")
        scores: list[float] = score(query, hits)
        scored = [
            hit.model_copy(update={"scores": hit.scores.model_copy(update={"reranked": value})})
            for hit, value in zip(hits, scores, strict=True)
        ]
        return sorted(scored, key=lambda hit: -(hit.scores.reranked or 0.0))[: self._top_k]

    def _model(self, query: str, hits: Sequence[Hit]) -> list[float]:
        if not self._settings.model:
            raise NoFit(
                "No reranking model is named.",
                code="no_rerank_model",
                hint="Choose one, for instance of SiliconFlow or your own vLLM; or rerank by keyword.",
            )
        return open_model(self._ctx, self._settings.model).rerank(query, [hit.text for hit in hits])

    def _embedding(self, query: str, hits: Sequence[Hit]) -> list[float]:
        embed = Embedder(self._settings.model or DEFAULT_EMBEDDING, ctx=self._ctx)
        asked, *rows = embed([query, *(hit.matched or hit.text for hit in hits)])
        return [_cosine(asked, row) for row in rows]

    def _keyword(self, query: str, hits: Sequence[Hit]) -> list[float]:
        from flowloft.stores._words import asked_words, words

        asked = asked_words(query)
        there = [set(words(hit.text)) for hit in hits]
        rarity = {word: 1 / (1 + sum(word in one for one in there)) for word in asked}
        whole = sum(rarity.values()) or 1.0
        return [sum(rarity[word] for word in asked if word in one) / whole for one in there]

    def _rrf(self, query: str, hits: Sequence[Hit]) -> list[float]:
        del query
        ranks = [_ranks(hits, lambda hit: hit.scores.dense), _ranks(hits, lambda hit: hit.scores.text)]
        return [sum(1 / (60 + by[at]) for by in ranks if at in by) for at in range(len(hits))]


def _ranks(hits: Sequence[Hit], score: Callable[[Hit], float | None]) -> dict[int, int]:
    scores = {at: score(hit) for at, hit in enumerate(hits)}
    order = sorted((at for at in scores if scores[at] is not None), key=lambda at: -(scores[at] or 0.0))
    return {at: rank for rank, at in enumerate(order, 1)}


def _cosine(a: Sequence[float], b: Sequence[float]) -> float:
    lengths: float = sum(one * one for one in a) ** 0.5 * sum(one * one for one in b) ** 0.5
    product: float = sum(one * two for one, two in zip(a, b, strict=True))
    return product / max(lengths, 1e-12)
