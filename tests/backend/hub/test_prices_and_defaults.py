"""What models cost, and which one is taken where nothing else is said."""

from __future__ import annotations

from typing import Any

import pytest
from flowloft.core.errors import NoFit

from backend.hub.models import Connection
from backend.hub.source import model_source_for

KNOWN = [
    {"model": "gpt-5.4-mini", "job": "chat", "title": "gpt-5.4-mini"},
    {"model": "house-embed", "job": "embedding", "title": "house-embed"},
]


@pytest.fixture(autouse=True)
def work(owner: Any) -> Connection:
    return Connection.objects.create(owner=owner, name="Work", provider="openai", known_models=KNOWN)


def price(api: Any, ref: str) -> Any:
    return next(one["price"] for one in api.get("/api/v1/models").json() if one["ref"] == ref)


def test_a_price_is_known_and_can_be_written_over(api: Any, owner: Any, stranger_api: Any) -> None:
    known = price(api, "Work/gpt-5.4-mini")
    assert (known["currency"], known["input"] > 0) == ("USD", True)
    assert price(api, "Work/house-embed") is None
    assert price(api, "builtin/smollm2-135m-instruct") is None
    form = {"provider": "openai", "model": "gpt-5.4-mini", "currency": "EUR", "input": 0.5, "output": 2}
    row = api.put("/api/v1/models/prices", form).json()
    assert api.put("/api/v1/models/prices", form | {"input": 0.6}).json()["id"] == row["id"]
    mine = price(api, "Work/gpt-5.4-mini")
    assert (mine["currency"], mine["input"], mine["source"]) == ("EUR", 0.6, "own")
    assert mine["date"]
    used = model_source_for(owner).resolve("Work/gpt-5.4-mini").price
    assert used.cost({"prompt_tokens": 1_000_000}) == {"cost_eur": 0.6}
    assert stranger_api.get("/api/v1/models/prices").json() == []
    assert stranger_api.delete(f"/api/v1/models/prices/{row['id']}").status_code == 404
    assert api.delete(f"/api/v1/models/prices/{row['id']}").status_code == 204
    assert price(api, "Work/gpt-5.4-mini") == known
    for change, path in (
        ({"currency": "eur"}, "/currency"),
        ({"input": -1}, "/input"),
        ({"provider": "x"}, "/provider"),
    ):
        assert api.put("/api/v1/models/prices", form | change).json()["extra"]["path"] == path


def test_flows_that_name_the_default_take_what_was_chosen(api: Any, owner: Any, stranger: Any) -> None:
    first = api.get("/api/v1/models/defaults").json()
    assert first["chat"].startswith("builtin/")
    assert first["rerank"] == ""
    chosen = api.put("/api/v1/models/defaults", {"chat": "Work/gpt-5.4-mini"}).json()
    assert (chosen["chat"], chosen["embedding"]) == ("Work/gpt-5.4-mini", first["embedding"])
    found = model_source_for(owner).resolve("default/chat")
    assert (found.provider, found.model) == ("openai", "gpt-5.4-mini")
    assert model_source_for(stranger).resolve("default/chat").provider == "builtin"
    with pytest.raises(NoFit):
        model_source_for(owner).resolve("default/rerank")
    for wrong in ({"chat": "Work/house-embed"}, {"embedding": "Nobody/x"}, {"chat": "default/chat"}):
        answer = api.put("/api/v1/models/defaults", wrong)
        assert (answer.status_code, answer.json()["extra"]["path"]) == (400, f"/{next(iter(wrong))}")
    assert api.put("/api/v1/models/defaults", {"chat": ""}).json()["chat"] == first["chat"]
