"""Documents become searchable once, whatever happens on the way, and edits by hand survive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.backend.documents.conftest import content_of

pytestmark = pytest.mark.slow

CATS = b"# Cats\n\nCats sleep all day and hunt at dusk.\n\n# Dogs\n\nDogs guard the house and love walks.\n"
TEA = "# 茶\n\n绿茶用八十度的水冲泡，味道清香。\n\n# 咖啡\n\n咖啡豆烘焙后磨成粉，用热水萃取。\n".encode()


def chunks(api: Any, document: str) -> list[dict[str, Any]]:
    return list(api.get(f"/api/v1/documents/{document}/chunks").json()["results"])


def agrees(api: Any, base: str) -> dict[str, Any]:
    told = dict(api.get(f"/api/v1/knowledge/{base}/check").json())
    assert told["agrees"], told
    return told


def test_what_was_added_is_found_with_scores_and_its_place(
    api: Any, stranger_api: Any, base: Any, add: Callable[..., Any], work: Callable[[], None]
) -> None:
    cats, tea = add("pets/cats.md", CATS), add("tea.md", TEA)
    assert add("again.md", CATS)["id"] == cats["id"], "equal content is kept once"
    broken = add("broken.pdf", b"%PDF-1.4 nothing of it")
    work()
    found = api.get(f"/api/v1/knowledge/{base['id']}/documents").json()
    by_id = {row["id"]: row for row in found["results"]}
    assert by_id[cats["id"]]["state"] == by_id[tea["id"]]["state"] == "ready"
    assert by_id[tea["id"]]["language"] == "zh"
    why = by_id[broken["id"]]
    assert why["state"] == "failed"
    assert set(why["error"]) == {"code", "message", "hint", "extra"}
    for query, document in (("绿茶 水温", tea), ("which animal guards the house", cats)):
        answer = api.post(f"/api/v1/knowledge/{base['id']}/search", {"query": query})
        assert answer.status_code == 200, answer.content
        hit = answer.json()["hits"][0]
        assert hit["document_id"] == document["id"]
        assert hit["places"]
        assert hit["knowledge"] == base["id"]
        assert hit["scores"]["fused"] is not None
        assert answer.json()["timings"]["total"] > 0
    assert stranger_api.get(f"/api/v1/documents/{cats['id']}").status_code == 404
    assert stranger_api.get(f"/api/v1/documents/{cats['id']}/chunks").status_code == 404
    assert stranger_api.post(f"/api/v1/knowledge/{base['id']}/search", {"query": "x"}).status_code == 404
    agrees(api, base["id"])


def test_edits_are_found_and_survive_parsing_again(
    api: Any, base: Any, add: Callable[..., Any], work: Callable[[], None]
) -> None:
    document = add("cats.md", CATS)["id"]
    work()
    first = chunks(api, document)[0]
    text = first["text"] + " Axolotls regrow limbs."
    api.patch(f"/api/v1/documents/{document}/chunks/{first['id']}", {"text": text})
    api.post(f"/api/v1/documents/{document}/chunks", {"text": "Quokkas smile.", "after": first["id"]})
    work()
    for _ in range(2):
        hit = api.post(
            f"/api/v1/knowledge/{base['id']}/search", {"query": "axolotls", "settings": {"mode": "text"}}
        ).json()["hits"][0]
        assert hit["chunk_id"] == first["id"]
        assert "Axolotls" in hit["text"]
        rows = chunks(api, document)
        assert [row["order"] for row in rows] == list(range(len(rows)))
        assert [row["text"] for row in rows if row["edited"]] == [text]
        assert [row["text"] for row in rows if row["added"]] == ["Quokkas smile."]
        api.post(f"/api/v1/knowledge/{base['id']}/documents/act", {"action": "reparse"})
        work()
    agrees(api, base["id"])


def test_a_chunk_that_is_switched_off_split_merged_or_deleted_is_searched_as_it_is_now(
    api: Any, base: Any, add: Callable[..., Any], work: Callable[[], None]
) -> None:
    document = add("cats.md", CATS)["id"]
    work()
    one = chunks(api, document)[0]
    at = f"/api/v1/documents/{document}/chunks/{one['id']}"
    assert len(api.post(f"{at}/act", {"action": "split", "at": len(one["text"]) // 2}).json()) == 2
    work()
    agrees(api, base["id"])
    api.post(f"{at}/act", {"action": "merge"})
    work()
    assert chunks(api, document)[0]["text"] == one["text"], "nothing is between what was one"
    api.patch(at, {"enabled": False})
    ask = {"query": "cats sleep", "settings": {"mode": "text"}}
    hits = api.post(f"/api/v1/knowledge/{base['id']}/search", ask).json()["hits"]
    assert one["id"] not in {hit["chunk_id"] for hit in hits}, "off at once, before a worker came by"
    work()
    agrees(api, base["id"])
    api.delete(f"/api/v1/documents/{document}")
    assert api.post(f"/api/v1/knowledge/{base['id']}/search", ask).json()["hits"] == []
    work()
    assert agrees(api, base["id"])["expected"] == 0


def test_the_old_index_answers_until_the_new_one_is_whole(
    api: Any, base: Any, add: Callable[..., Any], work: Callable[[], None]
) -> None:
    from backend.documents.models import KnowledgeBase

    add("cats.md", CATS)
    add("tea.md", TEA)
    work()
    ask = {"query": "绿茶"}
    before = api.post(f"/api/v1/knowledge/{base['id']}/search", ask).json()["hits"][0]["chunk_id"]
    assert api.post(f"/api/v1/knowledge/{base['id']}/rebuild").json()["building"] == 2
    assert api.post(f"/api/v1/knowledge/{base['id']}/search", ask).json()["hits"][0]["chunk_id"] == before
    work()
    row = KnowledgeBase.objects.get(pk=base["id"])
    assert row.building_error is None
    assert (row.generation, row.building, row.retired) == (2, None, [1])
    assert api.post(f"/api/v1/knowledge/{base['id']}/search", ask).json()["hits"][0]["chunk_id"] == before
    from backend.documents.building import tidy

    tidy()
    agrees(api, base["id"])


def test_an_exported_base_comes_back_with_edits_and_needs_no_model_for_its_vectors(
    api: Any, base: Any, add: Callable[..., Any], work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    document = add("tea.md", TEA)["id"]
    work()
    one = chunks(api, document)[0]
    api.patch(f"/api/v1/documents/{document}/chunks/{one['id']}", {"text": "绿茶要用温水。"})
    work()
    content = content_of(api.get(f"/api/v1/knowledge/{base['id']}/export"))
    made = api.post("/api/v1/knowledge/import", data=content, content_type="application/octet-stream")
    assert made.status_code == 201, made.content
    new = made.json()
    assert new["name"] != base["name"]
    assert new["document_count"] == 1

    def nobody(*_: Any, **__: Any) -> Any:
        raise AssertionError("vectors that came along were made again")

    from backend.documents import engine

    with monkeypatch.context() as patched:
        patched.setattr(engine, "open_model", nobody)
        work()
    agrees(api, new["id"])
    hit = api.post(f"/api/v1/knowledge/{new['id']}/search", {"query": "绿茶"}).json()["hits"][0]
    assert hit["text"] == "绿茶要用温水。"
    junk = api.post("/api/v1/knowledge/import", data=content[:500], content_type="application/octet-stream")
    assert junk.status_code == 422
    assert junk.json()["code"] == "broken_archive"
