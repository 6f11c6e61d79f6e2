"""ServerModule and UrlModule over real sockets, with callers and servers that mean no good."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import flowloft
import httpx
import pytest
from flowloft.core.errors import BackendError, FlowError, InputError, ProviderError
from flowloft.flow import package, pipeline
from flowloft.modules import ActionModule, ServerModule, UrlModule


def repeat(text: str, times: int = 2) -> str:
    """Repeats a text."""
    return text * times


def post(server: ServerModule, body: Any, **headers: str) -> httpx.Response:
    given = {"authorization": f"Bearer {server.key or 'none'}", "content-type": "application/json", **headers}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.post(server.url, content=content, headers=given, timeout=20)


def is_open(url: str) -> bool:
    with socket.socket() as sock:
        sock.settimeout(2)
        return sock.connect_ex(("127.0.0.1", httpx.URL(url).port or 0)) == 0


def test_a_function_is_called_over_the_network() -> None:
    with ServerModule(repeat) as server:
        assert server("ab") == "abab"
        assert server("世界", times=3) == "世界世界世界"
        assert UrlModule(server.url, key=server.key)(text="x") == "xx"
        assert pipeline(str.strip, server, str.upper)(" a ") == "AA"
        assert post(server, {"args": ["a", 3]}).json() == {"output": "aaa"}


def test_flows_modules_and_several_values_go_through() -> None:
    with ServerModule(pipeline(ActionModule(str.upper), lambda text: package(text, 1))) as server:
        assert server("a") == package("A", 1)
        assert pipeline(server, lambda text, number: f"{text}{number}")("b") == "B1"


def test_a_stream_comes_piece_by_piece() -> None:
    go_on = threading.Event()

    def count(upto: int) -> Iterator[Any]:
        yield {"n": 0}
        go_on.wait(60)
        yield from range(1, upto)

    with ServerModule(count, stream=True) as server:
        pieces = server(3)
        assert next(pieces) == {"n": 0}
        go_on.set()
        assert list(pieces) == [1, 2]
        assert UrlModule(server.url, key=server.key)(2) == [{"n": 0}, 1]


def test_a_stream_that_fails_in_the_middle_says_so_and_one_that_is_left_ends() -> None:
    left = threading.Event()

    def words(broken: bool) -> Iterator[str]:
        try:
            yield "a"
            if broken:
                raise InputError("No more words.")
            while True:
                yield "b" * 10_000
        finally:
            left.set()

    with ServerModule(words, stream=True) as server:
        pieces = server(True)
        assert next(pieces) == "a"
        with pytest.raises(ProviderError, match="No more words"):
            next(pieces)
        left.clear()
        endless = server(False)
        assert next(endless) == "a"
        endless.close()
        assert left.wait(60)


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({"authorization": "Bearer wrong"}, {"input": "a"}, 401, "wrong_key"),
        ({"authorization": ""}, {"input": "a"}, 401, "wrong_key"),
        ({}, b"x" * 3000, 413, "too_large"),
        ({"authorization": ""}, b"x" * 3_000_000, 401, "wrong_key"),
        ({"content-type": "application/x-www-form-urlencoded"}, b"a=b", 415, "not_json"),
        ({}, b"{", 400, "not_json"),
        ({}, b"\xff", 400, "not_json"),
        ({}, b'{"input": NaN}', 400, "not_json"),
        ({}, b"[" * 2000, 400, "not_json"),
        ({}, {"inputs": 1}, 400, "invalid_call"),
        ({}, [1], 400, "invalid_call"),
        ({}, {"input": 1, "args": []}, 400, "invalid_call"),
        ({}, {"args": [1, 2, 3]}, 400, "invalid_arguments"),
        ({}, {"named": {"self": 1}}, 400, "invalid_arguments"),
    ],
)
def test_what_is_wrong_is_refused(headers: dict[str, str], body: Any, status: int, code: str) -> None:
    with ServerModule(repeat, max_body=2000) as server:
        answer = post(server, body, **headers)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.json().keys() == {"code", "message", "hint", "extra"}
        assert server("a") == "aa"


def test_a_call_without_a_length_is_refused_and_not_taken_for_two() -> None:
    with ServerModule(repeat) as server:
        headers = {"authorization": f"Bearer {server.key}", "content-type": "application/json"}
        answer = httpx.post(server.url, content=iter([b'{"input": "a"}']), headers=headers)
        assert (answer.status_code, answer.headers["connection"]) == (411, "close")
        lines = [f"{name}: {value}" for name, value in headers.items()]
        twice = "\r\n".join(
            ["POST /run HTTP/1.1", *lines, "Content-Length: 2", "Content-Length: 14", "", "{}"]
        )
        with socket.create_connection(("127.0.0.1", httpx.URL(server.url).port or 0)) as raw:
            raw.sendall(twice.encode())
            assert raw.recv(100).startswith(b"HTTP/1.1 411 ")


def test_a_wrong_key_is_told_by_the_module_and_the_key_never_printed() -> None:
    with ServerModule(repeat) as server:
        wrong = UrlModule(server.url, key="wrong-secret")
        with pytest.raises(ProviderError) as caught:
            wrong("a")
        assert caught.value.extra["status"] == 401
        assert caught.value.permanent
        assert "wrong-secret" not in repr(vars(wrong)) + repr(caught.value.payload())


def test_a_bug_is_shown_by_an_id_and_an_error_by_its_fields() -> None:
    def fail(kind: str) -> Any:
        if kind == "bug":
            raise ConnectionError("the password is hunter2")
        if kind == "data":
            return {1, 2}
        raise FlowError("Mend the flow.", code="mend_me")

    with ServerModule(fail) as server:
        bug = post(server, {"input": "bug"})
        assert (bug.status_code, bug.json()["code"]) == (500, "unexpected_error")
        assert "hunter2" not in bug.text
        assert post(server, {"input": "data"}).json()["code"] == "not_json"
        told = post(server, {"input": "flow"})
        assert (told.status_code, told.json()["code"]) == (422, "mend_me")


def test_health_is_for_all_and_the_document_for_callers() -> None:
    with ServerModule(repeat, name="repeat") as server:
        base = server.url.removesuffix("/run")
        assert httpx.get(f"{base}/health").json() == {"status": "ok", "name": "repeat"}
        assert httpx.get(f"{base}/openapi.json").status_code == 401
        document = httpx.get(f"{base}/openapi.json", headers={"authorization": f"Bearer {server.key}"}).json()
        call = document["paths"]["/run"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert call["properties"]["named"]["properties"]["times"] == {"type": "integer"}
        assert call["properties"]["input"] == {"type": "string"}
        assert document["security"] == [{"key": []}]
        assert httpx.get(f"{base}/else").status_code == 404


def test_other_addresses_need_a_key_and_loopback_without_one_answers_to_its_own_name_only() -> None:
    for key in ("", "short"):
        with pytest.raises(FlowError) as caught:
            ServerModule(repeat, host="0.0.0.0", key=key).start()
        assert caught.value.error_code == "key_required"
    with ServerModule(repeat, host="0.0.0.0") as everywhere:
        assert len(everywhere.key) > 30
        assert everywhere("a") == "aa"
    with ServerModule(repeat, key="") as server:
        assert server("a") == "aa"
        assert post(server, {"input": "a"}, host="rebound.example").status_code == 403


def test_stop_leaves_no_port_open_and_lets_calls_end() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(text: str) -> str:
        begun.set()
        go_on.wait(60)
        return text

    server = ServerModule(slow).start()
    url, got = server.url, list[str]()
    idle = socket.create_connection(("127.0.0.1", httpx.URL(url).port or 0))
    caller = threading.Thread(target=lambda: got.append(server("kept")))
    caller.start()
    assert begun.wait(60)
    threading.Timer(0.3, go_on.set).start()
    server.stop()
    caller.join(60)
    assert got == ["kept"]
    assert not is_open(url)
    idle.settimeout(5)
    assert idle.recv(1) == b""
    idle.close()
    with pytest.raises(FlowError, match="does not serve"):
        server("a")
    server.stop()


def test_an_update_starts_only_the_changed_one_again_at_its_port_and_key() -> None:
    one, other = ServerModule(str.upper), ServerModule(str.lower)
    with ActionModule(one, other) as app:
        before = one.url, other.url, one.key
        kept = other._listener
        caller = UrlModule(one.url, key=one.key)
        one.action = str.title
        app.update_server()
        assert other._listener is kept
        assert (one.url, other.url, one.key) == before
        assert caller("ab cd") == "Ab Cd"
    assert not is_open(before[0])
    assert not is_open(before[1])


def test_a_server_that_can_not_be_started_again_is_stopped() -> None:
    server = ServerModule(repeat).start()
    url = server.url
    server.host, server._key = "0.0.0.0", "short"
    with pytest.raises(FlowError):
        server.update_server()
    assert not server.is_running
    assert not is_open(url)


def test_a_taken_port_and_too_many_calls_are_said() -> None:
    held = threading.Event()
    with ServerModule(lambda value: held.wait(60), at_once=1) as server:
        with pytest.raises(BackendError) as caught:
            ServerModule(repeat, port=httpx.URL(server.url).port or 0).start()
        assert caught.value.error_code == "port_taken"
        first = threading.Thread(target=lambda: server(1))
        first.start()
        until = time.monotonic() + 60
        while post(server, {"input": 1}, accept="application/json").status_code != 503:
            assert time.monotonic() < until
        held.set()
        first.join(60)


def test_many_calls_are_under_way_at_once() -> None:
    together = threading.Barrier(24, timeout=20)
    with ServerModule(lambda value: together.wait() >= 0) as server:
        assert server.evalset(range(24), at_once=24).eval().outputs == [True] * 24


def test_an_evaluation_goes_over_the_network() -> None:
    with ServerModule(lambda a, b: a / b) as server:
        found = server.evalset([(4, 2), (1, 0), (9, 3)]).eval()
    assert found.outputs == [2, None, 3]
    assert found[1].error is not None
    assert found[1].error["code"] == "http_status"


def whole_request(connection: socket.socket) -> bytes:
    """Reads head and body, so that closing the connection resets nothing."""
    data = b""
    while part := connection.recv(65_536):
        data += part
        head, ended, body = data.partition(b"\r\n\r\n")
        if ended and len(body) >= int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]):
            break
    return data


@contextmanager
def hostile(answer: Callable[[str], bytes]) -> Iterator[tuple[str, list[bytes]]]:
    """Answers each connection with raw bytes made of its own address; keeps what it was sent."""
    listener, seen = socket.create_server(("127.0.0.1", 0)), list[bytes]()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                seen.append(whole_request(connection))
                try:
                    connection.sendall(answer(url))
                    connection.shutdown(socket.SHUT_WR)
                except OSError:
                    continue

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield url, seen
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def reply(body: bytes, head: str = "", status: str = "200 OK", kind: str = "application/json") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{head}Connection: close\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (reply(b'{"output": "' + b"x" * 400_000 + b'"}'), "http_too_large"),
        (reply(gzip.compress(b'{"output": 1}'), "Content-Encoding: gzip\r\n"), "bad_answer"),
        (reply(b"gANjb3MKc3lzdGVtCg==", kind="application/octet-stream"), "bad_answer"),
        (reply(b"<html>", kind="text/html"), "bad_answer"),
        (reply(b"[" * 100_000), "bad_answer"),
        (reply(b'{"output": Infinity}'), "bad_answer"),
        (reply(b"[1]"), "bad_answer"),
        (reply(b'{"code": "outcome_unknown"}', status="500 No"), "http_status"),
        (b"nonsense\r\n\r\n", "http_unreachable"),
        (b"", "http_unreachable"),
    ],
)
def test_what_a_hostile_server_says_is_data(answer: bytes, code: str) -> None:
    with hostile(lambda url: answer) as (url, _), pytest.raises(ProviderError) as caught:
        UrlModule(url, max_bytes=100_000, timeout=10)("a")
    assert caught.value.error_code == code


@pytest.mark.parametrize(
    "body",
    [b"event: piece\ndata: 1\n\n", b"event: piece\ndata: {\n\n", b"data: " + b"x" * 1_200_000, b"\xff\n"],
)
def test_a_hostile_stream_is_data_too(body: bytes) -> None:
    with (
        hostile(lambda url: reply(body, kind="text/event-stream")) as (url, _),
        pytest.raises(ProviderError) as caught,
    ):
        list(UrlModule(url, stream=True)("a"))
    assert caught.value.error_code == "bad_answer"


def test_no_redirect_leads_elsewhere() -> None:
    with hostile(lambda url: reply(b'{"output": 1}')) as (victim, seen):
        for status in ("302 Found", "307 Temporary Redirect"):
            with hostile(lambda url, s=status: reply(b"", f"Location: {victim}/x\r\n", s)) as (url, _):
                with pytest.raises(FlowError) as caught:
                    UrlModule(url, key="secret")("a")
                assert caught.value.error_code == "redirect_refused"
        assert seen == []
    with (
        hostile(lambda url: reply(b"", f"Location: {url}/x\r\n", "307 Temporary Redirect")) as (url, _),
        pytest.raises(FlowError) as caught,
    ):
        UrlModule(url)("a")
    assert caught.value.error_code == "too_many_redirects"


def test_addresses_are_checked() -> None:
    with ServerModule(repeat) as server, pytest.raises(FlowError) as caught:
        UrlModule(server.url, key=server.key, guarded=True)("a")
    assert caught.value.error_code == "address_refused"
    with pytest.raises(FlowError):
        UrlModule("file:///etc/passwd")("a")
    with pytest.raises(ProviderError):
        UrlModule("http://127.0.0.1:1/run")("a")


def test_other_servers_are_spoken_to_in_their_own_words() -> None:
    with hostile(lambda url: reply(b'{"a": [7]}')) as (url, seen):
        ask = UrlModule(url, encode=lambda text: {"q": text}, decode=lambda answer: answer["a"][0])
        assert ask("hi") == 7
    assert b'{"q": "hi"}' in seen[0]
    body = b'data: {"t": "a"}\r\n\r\n: note\n\ndata: {"t": "b"}\n\ndata: [DONE]\n\n'
    with hostile(lambda url: reply(body, kind="text/event-stream")) as (url, _):
        ask = UrlModule(url, stream=True, encode=lambda text: {}, decode=lambda event: event["t"])
        assert list(ask("hi")) == ["a", "b"]


def test_served_modules_inside_start_first_and_stop_last() -> None:
    inner = flowloft.ServerModule(str.upper)
    with flowloft.ServerModule(flowloft.pipeline(inner, str.strip)) as outer:
        assert inner.is_running
        assert outer(" a ") == "A"
    assert not inner.is_running
