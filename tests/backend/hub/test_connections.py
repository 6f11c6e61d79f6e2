"""Connections: tried before they are kept, with a key that goes in and never comes out."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.core import serializers as dumps
from flowloft.core.errors import NoFit

from backend.hub.models import Connection, ConnectionKey
from backend.hub.source import model_source_for

URL = "/api/v1/connections"
SECRET = "sk-right"


@pytest.fixture
def form(model_servers: Any) -> dict[str, Any]:
    return {
        "name": "Mine",
        "provider": "openai_compatible",
        "base_url": model_servers[0].url + "/",
        "api_key": SECRET,
    }


@pytest.fixture
def saved(api: Any, form: dict[str, Any]) -> dict[str, Any]:
    made = api.post(URL, form)
    assert made.status_code == 201, made.content
    return dict(made.json())


def test_is_tried_and_its_models_listed(
    api: Any, owner: Any, saved: dict[str, Any], model_servers: Any
) -> None:
    assert model_servers[0].seen == ["Bearer sk-right"]
    assert saved["base_url"] == model_servers[0].url
    assert [(key["name"], key["state"]) for key in saved["keys"]] == [("Key 1", "answered")]
    assert [model["model"] for model in saved["models"]] == ["tiny"]
    refs = [model["ref"] for model in api.get("/api/v1/models").json()]
    assert refs[0].startswith("builtin/")
    assert "Mine/tiny" in refs
    found = model_source_for(owner).resolve("mine/tiny")
    assert list(found.keys.values()) == [SECRET]
    assert (found.base_url, found.model) == (saved["base_url"], "tiny")
    assert SECRET not in repr(found)


def test_the_key_appears_nowhere(
    api: Any, form: dict[str, Any], saved: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = {**form, "name": "Other", "api_key": "sk-wrong-secret"}
    answers = [
        api.get(URL),
        api.patch(f"{URL}/{saved['id']}", {"name": "Renamed"}),
        api.get("/api/v1/models"),
        api.post(f"{URL}/check", {**form, "connection": saved["id"]}),
        api.post(URL, {**form, "base_url": "http://127.0.0.1:1/v1"}),
        api.post(URL, wrong),
    ]
    text = "".join(answer.content.decode() for answer in answers) + caplog.text
    stored = dumps.serialize("json", [*Connection.objects.all(), *ConnectionKey.objects.all()])
    for secret in (SECRET, "sk-wrong-secret"):
        assert secret not in text
        assert secret not in stored


def test_a_key_stays_with_its_host(api: Any, saved: dict[str, Any], model_servers: Any) -> None:
    one = f"{URL}/{saved['id']}"
    moved = api.patch(one, {"base_url": model_servers[1].url, "unchecked": True}).json()
    assert moved["keys"] == []
    back = api.patch(one, {"base_url": model_servers[0].url, "unchecked": True}).json()
    assert back["keys"] == []
    assert model_servers[1].seen == []


def test_a_moved_row_opens_no_key(saved: dict[str, Any], owner: Any, model_servers: Any) -> None:
    Connection.objects.update(base_url=model_servers[1].url)
    assert model_source_for(owner).resolve("Mine/tiny").keys == {}


def test_a_check_sends_a_stored_key_to_its_own_host_only(
    api: Any, saved: dict[str, Any], model_servers: Any
) -> None:
    form = {"provider": "openai_compatible", "connection": saved["id"]}
    assert api.post(f"{URL}/check", {**form, "base_url": model_servers[0].url}).json()["ok"] is True
    astray = api.post(f"{URL}/check", {**form, "base_url": model_servers[1].url}).json()
    assert astray["ok"] is False
    assert not any(SECRET in seen for seen in model_servers[1].seen)
    assert Connection.objects.get().base_url == model_servers[0].url


def test_a_wrong_key_is_not_kept(api: Any, form: dict[str, Any]) -> None:
    answer = api.post(URL, {**form, "api_key": "sk-guess"})
    assert answer.status_code == 502
    assert answer.json()["hint"]
    assert not Connection.objects.exists()


def test_an_address_that_sleeps_can_be_kept_on_purpose(api: Any, form: dict[str, Any]) -> None:
    asleep = {**form, "base_url": "http://127.0.0.1:1/v1"}
    assert api.post(URL, asleep).status_code == 502
    models = [{"model": "a/b", "job": "embedding"}]
    made = api.post(URL, {**asleep, "unchecked": True, "models": models})
    assert made.status_code == 201
    assert "Mine/a/b" in [model["ref"] for model in api.get("/api/v1/models").json()]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"base_url": "ftp://x/v1"}, "/base_url"),
        ({"base_url": "http://"}, "/base_url"),
        ({"base_url": "http://user:pw@host/v1"}, "/base_url"),
        ({"base_url": "http://host/v1?key=1"}, "/base_url"),
        ({"base_url": "http://host:99999/v1"}, "/base_url"),
        ({"base_url": "http://ho st/v1"}, "/base_url"),
        ({"base_url": "http://\u0456nternal/v1"}, "/base_url"),
        ({"base_url": "http://[::1/v1"}, "/base_url"),
        ({"base_url": ""}, "/base_url"),
        ({"provider": "nobody"}, "/provider"),
        ({"provider": "builtin"}, "/provider"),
        ({"name": "builtin"}, "/name"),
        ({"name": "a/b"}, "/name"),
        ({"name": ""}, "/name"),
        ({"api_key": "line\nbreak"}, "/api_key"),
        ({"api_key": 5.5e300}, ""),
        ({"models": [{"model": "x", "job": "cook"}]}, "/models/0/job"),
    ],
)
def test_bad_input_names_its_place(
    api: Any, form: dict[str, Any], change: dict[str, Any], place: str
) -> None:
    answer = api.post(URL, form | change)
    assert 400 <= answer.status_code < 500 or place == ""
    if place:
        assert answer.json()["extra"]["path"] == place
    assert not Connection.objects.exists()


def test_names_are_once_per_person(
    api: Any, stranger_api: Any, form: dict[str, Any], saved: dict[str, Any]
) -> None:
    taken = api.post(URL, {**form, "name": "MINE"})
    assert (taken.status_code, taken.json()["code"]) == (409, "name_taken")
    assert stranger_api.post(URL, {**form, "unchecked": True}).status_code == 201


def test_others_cannot_see_use_or_change_it(
    stranger: Any, stranger_api: Any, saved: dict[str, Any], model_servers: Any
) -> None:
    one = f"{URL}/{saved['id']}"
    assert stranger_api.get(URL).json()["results"] == []
    assert stranger_api.patch(one, {"name": "x"}).status_code == 404
    assert stranger_api.delete(one).status_code == 404
    nested = {"provider": "openai_compatible", "base_url": model_servers[0].url, "connection": saved["id"]}
    assert stranger_api.post(f"{URL}/check", nested).status_code == 404
    with pytest.raises(NoFit) as error:
        model_source_for(stranger).resolve("Mine/tiny")
    assert error.value.error_code == "unknown_model"
    assert Connection.objects.get().name == "Mine"


def test_only_the_owner_reaches_into_the_network(
    stranger_api: Any, form: dict[str, Any], model_servers: Any
) -> None:
    answer = stranger_api.post(URL, form)
    assert 400 <= answer.status_code < 600
    assert not Connection.objects.exists()
    assert model_servers[0].seen == []


def test_the_models_in_the_box_need_no_connection(api: Any, stranger: Any) -> None:
    found = model_source_for(stranger).resolve("builtin/smollm2-135m-instruct")
    assert (found.provider, found.model) == ("builtin", "smollm2-135m-instruct")
    providers = {provider["key"]: provider for provider in api.get("/api/v1/providers").json()}
    assert providers["builtin"]["builtin"] is True
    assert providers["openai"]["needs_key"] is True
