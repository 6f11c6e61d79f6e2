"""Without this: another model, or one that is away, leaves a base that answers nothing or answers wrongly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from backend.hub.keys import key_add
from backend.hub.models import Connection
from tests.backend.documents.conftest import content_of
from tests.stubs.model_server import KEY, ModelServer, model_server

pytestmark = pytest.mark.slow

CATS = b"# Cats\n\nCats sleep all day and hunt at dusk."
TEA = "# 茶\n\n绿茶用八十度的水冲泡，味道清香。".encode()
ASK = {"query": "绿茶", "settings": {"mode": "dense"}}


@pytest.fixture
def vendor(owner: Any) -> Iterator[ModelServer]:
    """A vendor whose vectors have two dimensions, and the owner's connection to it."""
    with model_server() as server:
        key_add(
            Connection.objects.create(owner=owner, name="Far", provider="openai", base_url=server.url), KEY
        )
        yield server


def agrees(api: Any, base: Any) -> dict[str, Any]:
    told = dict(api.get(f"/api/v1/knowledge/{base['id']}/check").json())
    assert told["agrees"], told
    return told


def test_another_model_takes_over_only_when_its_index_is_whole(
    api: Any, base: Any, vendor: ModelServer, add: Callable[..., Any], work: Callable[[], None]
) -> None:
    one = f"/api/v1/knowledge/{base['id']}"
    add("cats.md", CATS)
    tea = add("tea.md", TEA)["id"]
    work()
    assert api.patch(one, {"embedding": "Far/loses-one"}).status_code == 200
    work()
    told = api.get(one).json()
    assert told["building_error"]["code"], "the model was not said to have failed"
    assert told["embedding"] == base["embedding"]
    assert api.post(f"{one}/search", ASK).json()["hits"][0]["document_id"] == tea, "the old one answers on"

    assert api.patch(one, {"embedding": "Far/text-embed"}).status_code == 200
    assert api.post(f"{one}/search", ASK).json()["hits"][0]["document_id"] == tea
    assert vendor.count("text-embed") == 0
    work()

    told = api.get(one).json()
    assert (told["embedding"], told["building"], told["building_error"]) == ("Far/text-embed", None, None)
    asked = vendor.count("text-embed")
    assert len(api.post(f"{one}/search", ASK).json()["hits"]) == 2
    assert vendor.count("text-embed") == asked + 1, "the question is embedded by the new model"
    agrees(api, base)


def test_vectors_of_a_model_that_is_not_here_are_made_anew(
    api: Any, base: Any, vendor: ModelServer, add: Callable[..., Any], work: Callable[[], None]
) -> None:
    one = f"/api/v1/knowledge/{base['id']}"
    api.patch(one, {"embedding": "Far/text-embed"})
    work()
    add("cats.md", CATS)
    tea = add("tea.md", TEA)
    work()
    content = content_of(api.get(f"{one}/export"))
    Connection.objects.all().delete()

    made = api.post("/api/v1/knowledge/import", data=content, content_type="application/octet-stream").json()

    assert made["embedding"] == base["embedding"], "the model in the box stands in"
    work()
    hit = api.post(f"/api/v1/knowledge/{made['id']}/search", ASK).json()["hits"][0]
    assert hit["title"] == "茶"
    assert hit["document_id"] != tea["id"]
    agrees(api, made)


def test_what_is_stopped_is_not_found_and_can_be_begun_again(
    api: Any, base: Any, add: Callable[..., Any], work: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    from backend.documents import engine, limits

    one = f"/api/v1/knowledge/{base['id']}"
    monkeypatch.setattr(limits, "TOLD_EVERY", 0.0)
    waiting = add("cats.md", CATS)["id"]
    assert api.post(f"{one}/documents/act", {"action": "cancel", "ids": [waiting]}).json()["count"] == 1
    assert api.get(f"/api/v1/documents/{waiting}").json()["state"] == "cancelled", "at once, while it waits"
    worked_on = add("tea.md", TEA)["id"]
    real = engine.open_model

    def stopped_meanwhile(ctx: Any, ref: str) -> Any:
        api.post(f"{one}/documents/act", {"action": "cancel", "ids": [worked_on]})
        return real(ctx, ref)

    with monkeypatch.context() as patched:
        patched.setattr(engine, "open_model", stopped_meanwhile)
        work()

    assert api.get(f"/api/v1/documents/{worked_on}").json()["state"] == "cancelled"
    assert api.post(f"{one}/search", {"query": "绿茶", "settings": {"mode": "text"}}).json()["hits"] == []
    assert api.post(f"{one}/documents/act", {"action": "retry"}).json()["count"] == 2
    work()
    assert api.get(f"{one}/documents").json()["states"] == {"ready": 2}
    assert agrees(api, base)["expected"] == 2


def test_an_index_that_lost_something_says_what_and_is_made_anew(
    api: Any, base: Any, add: Callable[..., Any], work: Callable[[], None]
) -> None:
    from backend.documents import engine
    from backend.documents.models import Chunk, KnowledgeBase

    one = f"/api/v1/knowledge/{base['id']}"
    add("cats.md", CATS)
    add("tea.md", TEA)
    work()
    (lost, kept) = Chunk.objects.values_list("pk", flat=True)
    index = engine.open_index(KnowledgeBase.objects.get(), 1)
    index.vectors.delete(index.collection, ids=[lost])
    index.texts.upsert(index.collection, [type(next(iter(index.texts.rows(index.collection))))("x", "y")])

    told = api.get(f"{one}/check").json()

    assert (told["agrees"], told["expected"]) == (False, 2)
    assert (told["missing"], told["extra"]) == ([lost], ["x"])
    assert kept not in told["missing"]
    api.post(f"{one}/rebuild")
    work()
    agrees(api, base)
