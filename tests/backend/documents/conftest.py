"""Knowledge bases with the real index: Chroma, tantivy, the built-in embedding model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync


def content_of(answer: Any) -> bytes:
    """Returns the whole of a download."""

    async def pieces() -> bytes:
        return b"".join([piece async for piece in answer.streaming_content])

    return async_to_sync(pieces)()


@pytest.fixture
def work(transactional_db: None) -> Callable[[], None]:
    """Does what workers do, until nothing waits."""
    from backend.documents import building
    from backend.documents.pipeline import work_once

    def until_done() -> None:
        while work_once() or building.build_once():
            pass
        building.heal()
        while work_once():
            pass

    return until_done


@pytest.fixture
def base(transactional_db: None, api: Any) -> dict[str, Any]:
    """An empty knowledge base of the owner's."""
    made = api.post("/api/v1/knowledge", {"name": "手册 Handbook"})
    assert made.status_code == 201, made.content
    return dict(made.json())


@pytest.fixture
def add(api: Any, base: dict[str, Any]) -> Callable[..., Any]:
    """Adds a file to the base; returns the answer's document."""

    def put(name: str, content: bytes) -> Any:
        answer = api.post(
            f"/api/v1/knowledge/{base['id']}/files?name={name}",
            data=content,
            content_type="application/octet-stream",
        )
        assert answer.status_code in (200, 201), answer.content
        return answer.json()["document"]

    return put
