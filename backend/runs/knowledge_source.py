"""Where the steps of a run look knowledge bases up."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from flowloft.core.knowledge import KnowledgeBase, SearchResult, SearchSettings

from backend.documents.searching import StudioKnowledge


class RunKnowledge:
    """The knowledge bases of a run's owner, asked by threads of the engine. Those live on and would
    each keep a connection to the database, so they give theirs back.

    Args:
        owner_id: Whose.
    """

    def __init__(self, owner_id: Any) -> None:
        self._owner_id = owner_id

    def resolve(self, ref: str) -> KnowledgeBase:
        """Returns what a reference names.

        Raises:
            NoFit: ``unknown_knowledge``.
        """
        try:
            owner = get_user_model().objects.get(pk=self._owner_id)
            return _Returning(StudioKnowledge(owner).resolve(ref))
        finally:
            connection.close()


class _Returning:
    def __init__(self, knowledge: KnowledgeBase) -> None:
        self._knowledge = knowledge

    def search(self, query: str, settings: SearchSettings | None = None) -> SearchResult:
        try:
            return self._knowledge.search(query, settings)
        finally:
            connection.close()
