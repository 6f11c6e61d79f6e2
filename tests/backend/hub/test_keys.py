"""Several keys of one connection: each tried, none seen again, and all processes know which one rests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flowloft.core.context import Context
from flowloft.core.keys import TURNS
from flowloft.core.provider import open_model

from backend.hub import keys as hub_keys
from backend.hub.models import Connection, ConnectionKey
from backend.hub.source import model_source_for
from tests.stubs.model_server import BUSY_KEY, KEY, OTHER_KEY, ModelServer, model_server
from tests.stubs.proxy_server import proxy_server

URL = "/api/v1/connections"
HELLO = [{"role": "user", "content": "Hello"}]


@pytest.fixture
def server() -> Iterator[ModelServer]:
    TURNS.forget()
    hub_keys._noted.clear()
    with model_server() as running:
        yield running


@pytest.fixture
def saved(api: Any, server: ModelServer) -> dict[str, Any]:
    form = {"name": "Mine", "provider": "openai_compatible", "base_url": server.url, "api_key": KEY}
    made = api.post(URL, form)
    assert made.status_code == 201, made.content
    return dict(made.json())


def keys_now(api: Any) -> dict[str, Any]:
    return {key["name"]: key for key in api.get(URL).json()["results"][0]["keys"]}


def asked(user: Any) -> str:
    ctx = Context(models=model_source_for(user))
    return "".join(chunk.text for chunk in open_model(ctx, "Mine/good").stream(HELLO))


def test_take_turns_and_the_page_knows_which_rests_and_until_when(
    api: Any, owner: Any, saved: dict[str, Any], server: ModelServer
) -> None:
    place = f"{URL}/{saved['id']}/keys"
    assert api.post(place, {"api_key": OTHER_KEY, "name": "Team"}).status_code == 201
    assert api.post(place, {"api_key": BUSY_KEY, "unchecked": True}).status_code == 201
    server.requests.clear()
    for _ in range(6):
        assert asked(owner) == "Hello 世界!"
    assert {KEY, OTHER_KEY, BUSY_KEY} == set(server.keys())
    assert server.keys().count(BUSY_KEY) == 1
    shown = keys_now(api)
    assert list(shown) == ["Key 1", "Team", "Key 3"]
    assert shown["Team"]["answered_at"]
    assert (shown["Key 3"]["state"], shown["Key 3"]["resting"]) == ("busy", True)
    assert "Slow down" in shown["Key 3"]["message"]
    TURNS.forget()  # as another process, which has not seen it
    assert set(model_source_for(owner).resolve("Mine/good").keys.values()) == {KEY, OTHER_KEY}


def test_a_key_is_tried_before_it_is_kept_and_again_when_asked(
    api: Any, saved: dict[str, Any], server: ModelServer
) -> None:
    place = f"{URL}/{saved['id']}/keys"
    refused = api.post(place, {"api_key": "sk-nonsense"})
    assert (refused.status_code, refused.json()["code"]) == (502, "provider_auth")
    assert ConnectionKey.objects.count() == 1
    kept = api.post(place, {"api_key": "sk-nonsense", "unchecked": True}).json()
    assert kept["state"] == "new"
    tried = api.post(f"/api/v1/keys/{kept['id']}/check").json()
    assert (tried["state"], tried["message"] != "") == ("refused", True)
    assert "sk-nonsense" not in str(tried)
    taken = api.post(place, {"api_key": OTHER_KEY, "name": "key 2"})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    assert api.post(place, {"api_key": "two words"}).json()["extra"]["path"] == "/api_key"
    assert api.delete(f"/api/v1/keys/{kept['id']}").status_code == 204
    assert list(keys_now(api)) == ["Key 1"]


def test_only_their_person_reaches_keys(api: Any, stranger_api: Any, saved: dict[str, Any]) -> None:
    key = saved["keys"][0]["id"]
    for answer in (
        stranger_api.post(f"{URL}/{saved['id']}/keys", {"api_key": "x"}),
        stranger_api.post(f"{URL}/{saved['id']}/refresh"),
        stranger_api.delete(f"/api/v1/keys/{key}"),
        stranger_api.post(f"/api/v1/keys/{key}/check"),
    ):
        assert answer.status_code == 404
    assert ConnectionKey.objects.count() == 1


def test_the_list_of_models_is_asked_for_again(api: Any, saved: dict[str, Any], server: ModelServer) -> None:
    Connection.objects.update(known_models=[{"model": "good", "job": "rerank", "title": "good"}])
    told = api.post(f"{URL}/{saved['id']}/refresh").json()
    jobs = {model["model"]: model["job"] for model in told["models"]}
    assert jobs == {"good": "rerank", "text-embed": "embedding", "a-reranker": "rerank"}
    assert told["models_at"] > saved["models_at"]


def test_goes_through_its_proxy_whose_password_is_never_shown(
    api: Any, owner: Any, saved: dict[str, Any], server: ModelServer
) -> None:
    one = f"{URL}/{saved['id']}"
    with proxy_server() as proxy:
        changed = api.patch(one, {"proxy": f"http://me:s3cret@127.0.0.1:{proxy.port}"}).json()
        assert changed["proxy"] == f"http://127.0.0.1:{proxy.port}"
        assert "s3cret" not in api.get(URL).content.decode()
        assert asked(owner) == "Hello 世界!"
        assert [line.split("/v1")[1] for line in proxy.asked] == ["/models", "/chat/completions"]
    assert api.patch(one, {"proxy": ""}).json()["proxy"] == ""
    for wrong in ("nonsense", "ftp://x:1", "http://host", "http://host:1/path"):
        assert api.patch(one, {"proxy": wrong}).json()["extra"]["path"] == "/proxy"


def test_limits_reach_the_call(api: Any, owner: Any, saved: dict[str, Any]) -> None:
    limits = {"idle_seconds": 5, "total_seconds": 60, "per_minute": 6000}
    told = api.patch(f"{URL}/{saved['id']}", {"limits": limits}).json()["limits"]
    assert told == limits
    assert model_source_for(owner).resolve("Mine/good").options == limits
    wrong = api.patch(f"{URL}/{saved['id']}", {"limits": {"idle_seconds": 0}})
    assert wrong.json()["extra"]["path"] == "/limits/idle_seconds"
