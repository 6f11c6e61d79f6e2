"""Without this: a knowledge base that is taken along comes back with holes, or takes the studio's memory."""

from __future__ import annotations

import io
import os
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from tests.backend.documents.conftest import content_of

pytestmark = pytest.mark.slow

SMALL = [{"name": "default", "splitter": "recursive", "settings": {"size": 60, "overlap": 0}}]
LARGE = 12 << 20


def told(api: Any, base: str) -> dict[str, Any]:
    """Returns all that a person sees of a base: documents, chunks in order, test cases."""
    rows = api.get(f"/api/v1/knowledge/{base}/documents?limit=500&order=name").json()["results"]
    facts = ("name", "state", "size", "language", "tags", "enabled", "title", "chunk_count")
    seen = ("text", "order", "edited", "added", "enabled", "dropped", "heading", "places", "group")
    return {
        "documents": [{name: row[name] for name in facts} for row in rows],
        "originals": [content_of(api.get(f"/api/v1/documents/{row['id']}/original")) for row in rows],
        "chunks": [
            [{name: one[name] for name in seen} for one in chunks(api, row["id"], dropped)]
            for row in rows
            for dropped in ("false", "true")
        ],
        "cases": [one["query"] for one in api.get(f"/api/v1/knowledge/{base}/cases").json()["results"]],
    }


def chunks(api: Any, document: str, dropped: str = "false") -> list[dict[str, Any]]:
    return list(api.get(f"/api/v1/documents/{document}/chunks?limit=500&dropped={dropped}").json()["results"])


def test_a_base_sent_while_it_is_packed_comes_back_whole_and_takes_little_memory(
    api: Any, base: Any, add: Callable[..., Any], work: Callable[[], None]
) -> None:
    one = f"/api/v1/knowledge/{base['id']}"
    api.patch(one, {"groups": SMALL})
    add("large.bin", os.urandom(LARGE))
    tea = add(
        "茶.md", "# 茶\n\n绿茶用八十度的水。\n\n# 咖啡\n\n咖啡豆要现磨，磨好以后马上冲泡才香。".encode()
    )["id"]
    cats = add("cats.md", b"# Cats\n\nCats sleep all day.\n\n# Dogs\n\nDogs guard the house at night.")["id"]
    work()
    api.patch(f"/api/v1/documents/{tea}", {"tags": ["drinks"]})
    first, *_, last = chunks(api, cats)
    at = f"/api/v1/documents/{cats}/chunks"
    api.patch(f"{at}/{first['id']}", {"text": "Cats sleep, says a person."})
    api.post(at, {"text": "Added by hand.", "after": first["id"]})
    api.delete(f"{at}/{last['id']}")
    case = {"chunk_id": first["id"], "document_id": cats, "quote": "Cats sleep"}
    api.post(f"{one}/cases", {"query": "Who sleeps?", "expected": [case]})
    work()
    answer = api.get(f"{one}/export")

    tracemalloc.start()
    sizes = async_to_sync(_sizes)(answer)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert sum(sizes) > LARGE
    assert peak < LARGE / 2, "it was held in memory"
    content = content_of(api.get(f"{one}/export"))
    assert zipfile.ZipFile(io.BytesIO(content)).testzip() is None
    made = api.post("/api/v1/knowledge/import", data=content, content_type="application/octet-stream")
    assert made.status_code == 201, made.content
    work()
    assert told(api, made.json()["id"]) == told(api, base["id"])
    assert api.get(f"/api/v1/knowledge/{made.json()['id']}/check").json()["agrees"]
    cases = api.post(f"/api/v1/knowledge/{made.json()['id']}/cases/run", {"settings": {"mode": "text"}})
    assert cases.json()["recall"] == 1.0, "the passages of a test case are those of the copy"


async def _sizes(answer: Any) -> list[int]:
    return [len(piece) async for piece in answer.streaming_content]


def test_a_download_that_is_given_up_is_made_no_further() -> None:
    from backend.common.download import made_answer

    closed = Event()

    def pieces() -> Iterator[bytes]:
        try:
            while True:
                yield b"piece"
        finally:
            closed.set()

    async def goes_away() -> None:
        content = made_answer(pieces(), name="endless.zip").streaming_content  # type: ignore[arg-type,attr-defined]
        assert await anext(content) == b"piece"
        await content.aclose()

    async_to_sync(goes_away)()
    assert closed.wait(60), "it was made on for nobody"
