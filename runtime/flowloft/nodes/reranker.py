"""Passages in a better order."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from flowloft.core.context import Context
from flowloft.core.knowledge import Hit, Scores
from flowloft.core.models import DEFAULT_EMBEDDING
from flowloft.core.node import Effect, Node
from flowloft.core.types import Documents
from flowloft.rag import Reranker as Order


class Reranker(Node):
    """Puts passages in order by how well they fit the question, and keeps the best.

    Let the retriever find 20 and keep 5 here.
    """

    title = "Reranker"
    group = "knowledge"
    icon = "sort-descending"
    extra = "rag"

    by: Literal["keyword", "embedding", "model", "rrf"] = Field(
        "keyword",
        title="By",
        description=(
            "keyword: share of the words of the question. embedding: another embedding model. "
            "model: a reranking model, the best where there is one. rrf: the ranks it had."
        ),
    )
    model: str = Field(
        "",
        title="Reranking model",
        max_length=200,
        description="For model.",
        json_schema_extra={"x-widget": "model", "x-job": "rerank", "x-visible-when": {"by": "model"}},
    )
    embedding_model: str = Field(
        "",
        title="Embedding model",
        max_length=200,
        description="For embedding; a better one than that of the knowledge base.",
        json_schema_extra={"x-widget": "model", "x-job": "embedding", "x-visible-when": {"by": "embedding"}},
    )
    top_k: int = Field(5, title="Results", ge=1, le=100, description="At most so many passages.")

    def effect(self) -> Effect:
        return "repeatable" if self.by in ("model", "embedding") else "none"

    def depends(self, ctx: Context) -> Any:
        if ctx.models is None or not (ref := self._asked()):
            return []
        found = ctx.models.resolve(ref)
        return [found.provider, found.base_url, found.model, found.options]

    def run(self, query: str, documents: Documents, ctx: Context) -> Documents:
        hits = [
            Hit(
                chunk_id=str(at),
                document_id="",
                text=str(one.get("text", "")),
                scores=Scores.model_validate(one.get("scores") or {}),
            )
            for at, one in enumerate(documents)
        ]
        order = Order(self.by, self._asked(), top_k=self.top_k, ctx=ctx)
        return [_scored(documents[int(hit.chunk_id)], hit) for hit in order(query, hits)]

    def _asked(self) -> str:
        """Returns the model that is asked; empty for none."""
        return {"model": self.model, "embedding": self.embedding_model or DEFAULT_EMBEDDING}.get(self.by, "")


def _scored(document: dict[str, object], hit: Hit) -> dict[str, object]:
    return {
        **document,
        "score": hit.scores.best(),
        "scores": hit.scores.model_dump(exclude_none=True),
    }
