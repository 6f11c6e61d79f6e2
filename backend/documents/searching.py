"""Questions to a knowledge base. What comes back is as the database has it now."""

from __future__ import annotations

import re
import time
from typing import Any

from flowloft.core.context import Context
from flowloft.core.errors import NoFit
from flowloft.core.knowledge import Hit, SearchResult, SearchSettings
from flowloft.core.parser import Place

from backend.common.errors import ApiError
from backend.common.objects import object_for, objects_of
from backend.documents.engine import search_index
from backend.documents.models import Chunk, KnowledgeBase, RetrievalCase
from backend.documents.states import State

SECONDS = 60.0


def settings_of(knowledge: KnowledgeBase) -> SearchSettings:
    """Returns how a base is searched when nothing else is asked for."""
    return SearchSettings.model_validate(knowledge.search)


def knowledge_search(
    *,
    knowledge: KnowledgeBase,
    query: str,
    settings: SearchSettings | None = None,
    ctx: Context | None = None,
) -> SearchResult:
    """Finds the chunks that fit a question; those that were deleted or switched off are left out.

    Raises:
        NoFit: ``no_node_group``.
        ProviderError: A model did not answer.
        BackendError: The vector store can't be reached.
    """
    begun = time.monotonic()
    chosen = settings or settings_of(knowledge)
    result = search_index(knowledge, query, chosen, ctx)
    begun_load = time.monotonic()
    rows = {
        row.pk: row
        for row in Chunk.objects.filter(
            pk__in=[hit.chunk_id for hit in result.hits],
            enabled=True,
            document__enabled=True,
            document__knowledge=knowledge,
        )
        .exclude(document__state=State.REMOVING)
        .select_related("document")
    }
    hits = [_hit(knowledge, hit, rows[hit.chunk_id]) for hit in result.hits if hit.chunk_id in rows]
    now = time.monotonic()
    timings = {**result.timings, "load": round(now - begun_load, 6), "total": round(now - begun, 6)}
    return result.model_copy(update={"hits": hits, "timings": timings})


def _hit(knowledge: KnowledgeBase, hit: Hit, row: Chunk) -> Hit:
    widened = hit.matched != ""
    return hit.model_copy(
        update={
            "document_id": str(row.document_id),
            "title": row.document.title or row.document.name,
            "knowledge": str(knowledge.pk),
            "text": hit.text if widened else row.text,
            "matched": row.text if widened else "",
            "heading_path": tuple(row.heading),
            "places": [Place.model_validate(place) for place in row.places],
            "metadata": {**hit.metadata, "tags": row.document.tags, "name": row.document.name},
        }
    )


class Searchable:
    """A :class:`flowloft.core.knowledge.KnowledgeBase` of the studio."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self._knowledge = knowledge

    def search(self, query: str, settings: SearchSettings | None = None) -> SearchResult:
        """Finds the chunks that fit a question."""
        return knowledge_search(knowledge=self._knowledge, query=query, settings=settings)


class StudioKnowledge:
    """A :class:`flowloft.core.knowledge.KnowledgeSource` of one person's knowledge bases.

    Args:
        owner: Whose.
    """

    def __init__(self, owner: Any) -> None:
        self._owner = owner

    def resolve(self, ref: str) -> Searchable:
        """Returns the base with an id, or with a name.

        Raises:
            NoFit: ``unknown_knowledge``.
        """
        mine = objects_of(self._owner, KnowledgeBase).filter(removed=False)
        try:
            return Searchable(object_for(self._owner, KnowledgeBase, ref, mine))
        except ApiError:
            found = mine.filter(name=ref).first()
        if found is None:
            names = ", ".join(mine.values_list("name", flat=True)[:20])
            raise NoFit(
                f"There is no knowledge base “{ref}”.",
                code="unknown_knowledge",
                hint=f"Choose one in the node. There are: {names or 'none; make one under Knowledge'}.",
            )
        return Searchable(found)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().casefold()


def _rank(expected: dict[str, Any], hits: list[Hit]) -> int | None:
    """Returns the place of an expected passage, from 1; None where it was not found."""
    quote = _plain(expected.get("quote", ""))
    for place, hit in enumerate(hits, 1):
        if hit.chunk_id == expected["chunk_id"]:
            return place
        if quote and hit.document_id == expected["document_id"] and quote in _plain(hit.text):
            return place
    return None


def cases_run(*, knowledge: KnowledgeBase, settings: SearchSettings | None = None) -> dict[str, Any]:
    """Asks every kept question and counts what is found.

    Returns:
        ``recall``: share of the expected passages among the first k, over all cases; ``mrr``: mean of
        1 / place of the first expected one, 0 where none is found; both 0 to 1.
    """
    begun = time.monotonic()
    chosen = settings or settings_of(knowledge)
    told: list[dict[str, Any]] = []
    for case in RetrievalCase.objects.filter(knowledge=knowledge):
        hits = knowledge_search(knowledge=knowledge, query=case.query, settings=chosen).hits
        ranks = [_rank(one, hits) for one in case.expected]
        found = [rank for rank in ranks if rank is not None]
        told.append(
            {
                "id": case.pk,
                "query": case.query,
                "ranks": ranks,
                "recall": len(found) / max(1, len(ranks)),
                "reciprocal_rank": 1 / min(found) if found else 0.0,
            }
        )
    count = max(1, len(told))
    return {
        "k": chosen.top_k,
        "recall": sum(one["recall"] for one in told) / count,
        "mrr": sum(one["reciprocal_rank"] for one in told) / count,
        "seconds": time.monotonic() - begun,
        "cases": told,
    }
