"""Passages of a knowledge base."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from flowloft.core.context import Context
from flowloft.core.errors import InputError
from flowloft.core.knowledge import Hit, SearchSettings
from flowloft.core.node import Node
from flowloft.core.store import Combine, Compare
from flowloft.core.types import Documents
from flowloft.rag import search_knowledge


class KnowledgeRetriever(Node):
    """Finds the passages of a knowledge base that fit a question.

    Takes a question, or a list of them (as Query rewrite gives it): what is found for several comes
    first. Connect the passages to Reranker, Context builder or Answer with citations.
    """

    title = "Knowledge retriever"
    group = "knowledge"
    icon = "books"
    extra = "rag"
    cacheable = False

    knowledge: str = Field(
        "",
        title="Knowledge base",
        max_length=300,
        description="What is searched.",
        json_schema_extra={"x-widget": "knowledge_base"},
    )
    mode: Literal["hybrid", "dense", "text"] = Field(
        "hybrid",
        title="Search",
        description="dense: by meaning. text: by words. hybrid: both, the best of each.",
    )
    top_k: int = Field(5, title="Results", ge=1, le=200, description="At most so many passages.")
    threshold: float | None = Field(
        None,
        title="Lowest score",
        ge=-1,
        le=1000,
        description="Leaves out what fits less: the cosine (-1 to 1), in mode text the BM25 score.",
    )
    expand: Literal["none", "window", "parent"] = Field(
        "none",
        title="Widen",
        description="window: with the passages before and after. parent: the larger one it is part of.",
    )
    window: int = Field(
        1,
        title="Passages before and after",
        ge=1,
        le=10,
        description="For window.",
        json_schema_extra={"x-visible-when": {"expand": "window"}},
    )
    groups: list[str] = Field(
        default_factory=list,
        title="Node groups",
        max_length=10,
        description="Which chunkings are searched; none means the usual one.",
        json_schema_extra={"x-widget": "list", "x-advanced": True},
    )
    filters: Compare | Combine | None = Field(
        None,
        title="Filter",
        description='Only passages whose facts fit: {"field": "language", "op": "eq", "value": "en"}.',
        json_schema_extra={"x-widget": "json", "x-advanced": True},
    )
    fusion: Literal["weights", "rrf"] = Field(
        "weights",
        title="Fusion",
        description="Of hybrid. weights: by score. rrf: by rank.",
        json_schema_extra={"x-advanced": True, "x-visible-when": {"mode": "hybrid"}},
    )
    rrf_k: int = Field(
        60,
        title="k of rrf",
        ge=1,
        le=1000,
        description="Smaller: the first places count more.",
        json_schema_extra={"x-advanced": True, "x-visible-when": {"fusion": "rrf"}},
    )
    dense_weight: float = Field(
        0.4,
        title="Weight of meaning",
        ge=0,
        le=1,
        description="Of hybrid: 0 to 1; words have the rest.",
        json_schema_extra={"x-widget": "slider", "x-advanced": True, "x-visible-when": {"mode": "hybrid"}},
    )
    candidates: int = Field(
        50,
        title="Candidates",
        ge=1,
        le=1000,
        description="How many each part of hybrid looks for.",
        json_schema_extra={"x-advanced": True, "x-visible-when": {"mode": "hybrid"}},
    )

    def run(
        self, query: Annotated[Any, "A question, or a list of questions."], ctx: Context
    ) -> Annotated[Documents, "The passages, best first, each with its place."]:
        queries = [query] if isinstance(query, str) else query
        if not isinstance(queries, list) or not all(isinstance(one, str) for one in queries):
            raise InputError(
                "The question is no text.", code="invalid_input", hint="Connect a text or a list of texts."
            )
        settings = SearchSettings.model_validate(
            self.model_dump(exclude={"knowledge"}),
        )
        found = []
        for one in dict.fromkeys(text.strip() for text in queries if text.strip()):
            result = search_knowledge(ctx, self.knowledge, one, settings)
            for remark in result.remarks:
                ctx.log(remark, "warning")
            ctx.log(f"{len(result.hits)} passages in {result.timings.get('total', 0) * 1000:.0f} ms")
            found.append(result.hits)
        return [hit.document() for hit in _together(found)[: self.top_k]]


def _together(found: list[list[Hit]]) -> list[Hit]:
    """Puts what several questions found in one order: by reciprocal rank."""
    if len(found) == 1:
        return found[0]
    hits = {hit.chunk_id: hit for one in reversed(found) for hit in one}
    scores = dict.fromkeys(hits, 0.0)
    for one in found:
        for rank, hit in enumerate(one, 1):
            scores[hit.chunk_id] += 1 / (60 + rank)
    return sorted(hits.values(), key=lambda hit: -scores[hit.chunk_id])
