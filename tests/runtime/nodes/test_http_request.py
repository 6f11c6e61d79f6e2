"""The HTTP request kind, against a real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flowloft.core.addresses import ALLOW_ENV
from flowloft.core.context import Context
from flowloft.core.errors import FlowError, ProviderError
from flowloft.core.models import EnvironmentModels
from flowloft.nodes.http_request import HttpRequest
from pydantic import ValidationError

from tests.stubs.web_server import WebServer, web_server


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[WebServer]:
    monkeypatch.setenv(ALLOW_ENV, "127.0.0.1")
    with web_server() as server:
        yield server


def sent(web: WebServer, settings: dict[str, Any], key: str = "", **variables: Any) -> dict[str, Any]:
    ctx = Context()
    ctx.idempotency_key = key
    url = settings.pop("url", "/echo")
    HttpRequest.model_validate({"url": f"{web.url}{url}", **settings}).run(ctx, **variables)
    return web.requests[-1]


def test_a_value_can_not_break_out_of_the_address(web: WebServer) -> None:
    request = sent(web, {"url": "/echo/{a}?q={b}"}, a="../secret?x=", b="1&admin=2#")
    assert request["path"] == "/echo/..%2Fsecret%3Fx%3D?q=1%26admin%3D2%23"


def test_an_address_may_come_in_as_a_whole(web: WebServer) -> None:
    HttpRequest(url="{address}").run(Context(), address=f"{web.url}/echo?a=1")
    assert web.requests[-1]["path"] == "/echo?a=1"


def test_a_header_can_not_get_a_second_line(web: WebServer) -> None:
    request = sent(web, {"headers": {"X-Name": "{name}"}}, name="a\r\nX-Admin: 1")
    assert request["headers"]["x-name"] == "a X-Admin: 1"
    assert "x-admin" not in request["headers"]
    for headers in ({"X Name": "a"}, {"X": "a\nb"}):
        with pytest.raises(ValidationError):
            HttpRequest.model_validate({"headers": headers})


@pytest.mark.parametrize(
    ("kind", "body", "variables", "arrives"),
    [
        (
            "json",
            '{"a": "{x}", "b": "n: {x}", "c": [1]}',
            {"x": 'q"'},
            '{"a": "q\\"", "b": "n: q\\"", "c": [1]}',
        ),
        ("json", '{"a": "{x}"}', {"x": [1, {"b": 2}]}, '{"a": [1, {"b": 2}]}'),
        ("json", '{"a": {x}}', {"x": 'q"'}, '{"a": "q\\""}'),
        ("text", "Dear {x}", {"x": "Ada"}, "Dear Ada"),
        ("form", "a={x}&b=2", {"x": "1&c=3"}, "a=1%26c%3D3&b=2"),
    ],
)
def test_values_keep_their_place_in_the_body(
    web: WebServer, kind: str, body: str, variables: dict[str, Any], arrives: str
) -> None:
    request = sent(web, {"method": "POST", "body": body, "body_type": kind}, **variables)
    if kind == "json":
        assert json.loads(request["body"]) == json.loads(arrives)
    else:
        assert request["body"] == arrives
    assert kind in request["headers"]["content-type"] or kind == "text"


def test_the_idempotency_key_is_sent(web: WebServer) -> None:
    assert sent(web, {"method": "POST"}, key="run:step")["headers"]["idempotency-key"] == "run:step"
    assert "idempotency-key" not in sent(web, {})["headers"]


@pytest.mark.parametrize(
    ("method", "safe", "effect"),
    [
        ("GET", False, "none"),
        ("HEAD", False, "none"),
        ("PUT", False, "repeatable"),
        ("DELETE", False, "repeatable"),
        ("POST", False, "once"),
        ("PATCH", False, "once"),
        ("POST", True, "repeatable"),
    ],
)
def test_what_must_not_happen_twice(method: str, safe: bool, effect: str) -> None:
    assert HttpRequest.model_validate({"method": method, "safe_to_repeat": safe}).effect() == effect


@pytest.mark.parametrize(("status", "permanent"), [(404, True), (400, True), (429, False), (503, False)])
def test_an_error_status_fails_unless_told_otherwise(web: WebServer, status: int, permanent: bool) -> None:
    with pytest.raises(ProviderError) as caught:
        sent(web, {"url": f"/status/{status}"})
    assert caught.value.permanent == permanent
    assert caught.value.extra == {"status": status, "body": "no luck"}
    answer = HttpRequest(url=f"{web.url}/status/{status}", fail_on_error=False).run(Context())
    assert (answer.status, answer.output, answer.json) == (status, "no luck", None)


def test_no_cookie_is_kept_and_no_proxy_asked(web: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert "cookie" not in sent(web, {})["headers"]


def test_a_key_is_sent_to_its_own_address_only_and_is_not_in_what_comes_back(
    web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEB_SERVICE_KEY", "k-1234567")
    monkeypatch.setenv("WEB_SERVICE_BASE_URL", web.url)

    def call(url: str, **settings: Any) -> str:
        node = HttpRequest.model_validate({"url": url, "key": "web_service/key", **settings})
        return node.run(Context(models=EnvironmentModels())).output

    told = call(f"{web.url}/echo")
    assert web.requests[-1]["headers"]["authorization"] == "Bearer k-1234567"
    assert "k-1234567" not in told
    call(f"{web.url}/echo", key_header="X-Api-Key")
    assert web.requests[-1]["headers"]["x-api-key"] == "k-1234567"
    seen = len(web.requests)
    for other in (
        web.url.replace("127.0.0.1", "localhost"),
        "http://example.org",
        f"{web.url}1/",
        "no address",
    ):
        with pytest.raises(FlowError) as caught:
            call(other)
        assert caught.value.error_code == "key_of_another_host"
    assert len(web.requests) == seen
    with web_server() as another:
        call(f"{web.url}/go?to={another.url}/echo")
        assert "authorization" not in another.requests[-1]["headers"]
