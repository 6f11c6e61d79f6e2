"""Requests that a flow makes: where they may go, how they end, what they carry."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flowloft.core.addresses import ALLOW_ENV, is_open, require_open
from flowloft.core.context import Context
from flowloft.core.errors import Cancelled, FlowError, ProviderError
from flowloft.core.fetch import Answer, fetch

from tests.stopwatch import Stopwatch
from tests.stubs.web_server import WebServer, web_server

CLOSED = [
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "168.63.129.16", "192.0.0.8", "192.0.2.1", "198.18.0.1",
    "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::808:808", "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::", "2002:808:808::",
    "2001:0:4136:e378:8000:63bf:f5ff:fffe", "2001:db8::1", "3fff::1", "100::1", "fc00::1", "fd12:3456::1",
    "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "5f00::1",
]  # fmt: skip
OPEN = [
    "1.1.1.1", "8.8.8.8", "93.184.216.34", "172.15.0.1", "172.32.0.1", "::ffff:8.8.8.8",
    "2606:4700:4700::1111", "2a00:1450::1",
]  # fmt: skip


@pytest.fixture
def web() -> Iterator[WebServer]:
    with web_server() as server:
        yield server


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOW_ENV, "127.0.0.1")


def get(url: str, *, ctx: Context | None = None, **fields: Any) -> Answer:
    given = {"headers": {}, "body": b"", "timeout": 5.0, "max_bytes": 100_000, **fields}
    return fetch(ctx or Context(), fields.pop("method", "GET"), url, **given)


def refused(url: str, **fields: Any) -> None:
    with pytest.raises(FlowError) as caught:
        get(url, **fields)
    assert caught.value.error_code == "address_refused"


@pytest.mark.parametrize("address", CLOSED)
def test_inside_is_closed(address: str) -> None:
    assert not is_open(address)


@pytest.mark.parametrize("address", OPEN)
def test_outside_is_open(address: str) -> None:
    assert is_open(address)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f000001",
        "127.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
    ],
)
def test_however_the_address_is_written(web: WebServer, host: str) -> None:
    refused(f"http://{host}:{web.port}/echo")
    refused(f"http://user:secret@{host}:{web.port}/echo")
    assert web.requests == []


def test_the_owner_may_allow_a_host_a_network_or_all(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("inside.example", "10.0.0.0/8", "10.1.2.3", "other, 10.1.2.3", "all"):
        monkeypatch.setenv(ALLOW_ENV, value)
        require_open("inside.example", ["10.1.2.3"])
    for value in ("", "10.2.0.0/16", "outside.example", "inside"):
        monkeypatch.setenv(ALLOW_ENV, value)
        with pytest.raises(FlowError):
            require_open("inside.example", ["10.1.2.3"])


def test_one_closed_address_among_open_ones_is_enough() -> None:
    with pytest.raises(FlowError):
        require_open("mixed.example", ["93.184.216.34", "10.0.0.1"])


def names(monkeypatch: pytest.MonkeyPatch, answers: list[list[str]], port: int) -> list[str]:
    """Replaces the resolver; each look-up gives the next answer."""
    asked: list[str] = []

    def look_up(host: str, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        found = answers[min(len(asked), len(answers)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr("flowloft.core.transport.socket.getaddrinfo", look_up)
    return asked


def test_a_name_is_looked_up_once_and_the_checked_address_is_used(
    monkeypatch: pytest.MonkeyPatch, web: WebServer
) -> None:
    """DNS rebinding: the first answer is public, the second would be this machine."""
    asked = names(monkeypatch, [["192.0.2.55"], ["127.0.0.1"]], web.port)
    monkeypatch.setenv(ALLOW_ENV, "192.0.2.55")
    tried: list[str] = []

    def connect(family: int, address: tuple[Any, ...], until: float) -> socket.socket:
        tried.append(address[0])
        raise ConnectionRefusedError("as if nobody were there")

    monkeypatch.setattr("flowloft.core.transport._connect", connect)
    with pytest.raises(ProviderError):
        get(f"http://rebinding.example:{web.port}/echo")
    assert asked == ["rebinding.example"]
    assert tried == ["192.0.2.55"]


def test_a_name_for_this_machine_is_refused(monkeypatch: pytest.MonkeyPatch, web: WebServer) -> None:
    names(monkeypatch, [["127.0.0.1"]], web.port)
    refused(f"http://innocent.example:{web.port}/echo")


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize(
    "to", ["http://127.0.0.2:{port}/echo", "http://[::1]:{port}/", "http://169.254.169.254/"]
)
def test_each_redirect_is_checked_again(web: WebServer, to: str) -> None:
    refused(f"{web.url}/go?to={to.format(port=web.port)}")
    assert len(web.requests) == 1


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize("to", ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/"])
def test_a_redirect_to_another_protocol_is_refused(web: WebServer, to: str) -> None:
    with pytest.raises(FlowError) as caught:
        get(f"{web.url}/go?to={to}")
    assert caught.value.error_code == "bad_url"


@pytest.mark.usefixtures("allowed")
def test_redirects_end(web: WebServer) -> None:
    with pytest.raises(FlowError) as caught:
        get(f"{web.url}/round")
    assert caught.value.error_code == "too_many_redirects"
    assert len(web.requests) == 6


def test_keys_do_not_follow_a_redirect_to_another_host(
    monkeypatch: pytest.MonkeyPatch, web: WebServer
) -> None:
    monkeypatch.setenv(ALLOW_ENV, "127.0.0.1,localhost")
    names(monkeypatch, [["127.0.0.1"]], web.port)
    sent = {"authorization": "Bearer secret", "x-api-key": "secret", "cookie": "a=b", "accept": "text/plain"}
    get(f"{web.url}/go?to=http://localhost:{web.port}/echo", headers=sent)
    first, second = (request["headers"] for request in web.requests)
    assert first["x-api-key"] == "secret"
    assert second["accept"] == "text/plain"
    assert "secret" not in str(second)
    assert "cookie" not in second


@pytest.mark.usefixtures("allowed")
def test_a_large_answer_is_cut_off(web: WebServer) -> None:
    with pytest.raises(ProviderError) as caught:
        get(f"{web.url}/big?bytes=5000000")
    assert caught.value.error_code == "http_too_large"
    assert caught.value.permanent


@pytest.mark.usefixtures("allowed")
def test_a_silent_service_ends_by_the_deadline(web: WebServer) -> None:
    with Stopwatch() as took, pytest.raises(ProviderError) as caught:
        get(f"{web.url}/mute", timeout=0.5)
    assert caught.value.error_code == "http_timeout"
    assert took.seconds < 10


@pytest.mark.usefixtures("allowed")
def test_cancelling_ends_a_request_within_a_second(web: WebServer) -> None:
    ctx = Context()
    threading.Timer(0.2, ctx.cancel.cancel).start()
    with Stopwatch() as took, pytest.raises(Cancelled):
        get(f"{web.url}/mute", ctx=ctx, timeout=30.0)
    assert took.seconds < 1.2


@pytest.mark.parametrize(
    "url", ["", "nope", "http://", "ftp://a.example/x", "file:///etc/passwd", "http://a b/"]
)
def test_what_is_no_address_is_said_so(url: str) -> None:
    with pytest.raises((FlowError, ProviderError)) as caught:
        get(url)
    assert caught.value.error_code in ("bad_url", "http_unreachable")


@pytest.mark.usefixtures("allowed")
def test_errors_show_no_secret_of_the_address() -> None:
    with pytest.raises(ProviderError) as caught:
        get("http://user:hunter2@127.0.0.1:9/path?token=hunter2")
    assert "hunter2" not in str(caught.value.payload())
