"""A server that speaks the protocols of the vendors over real sockets, with the faults of real ones.

The name of the model says how it behaves, so that a test needs no set-up besides.
"""

from __future__ import annotations

import email
import email.policy
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.stubs.vendor_tuning import VendorTuning

KEY = "sk-right-key"
OTHER_KEY = "sk-other-right-key"
BUSY_KEY = "sk-busy-key"
"""Is told to wait, whatever it asks."""
WORDS = ["Hel", "lo ", "世界", "!"]
USAGE = {"prompt_tokens": 7, "completion_tokens": 4, "total_tokens": 11}


@dataclass
class ModelServer:
    """What a test sees of the server."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    """Bodies of the requests, with ``path`` and ``headers`` added."""
    closed_early: threading.Event = field(default_factory=threading.Event)
    """Set once a client has hung up in mid-answer."""
    tuning: VendorTuning = field(default_factory=VendorTuning)
    script: list[Any] = field(default_factory=list)
    """What the model ``scripted`` says, in turn: a text, or a list of calls as (name, arguments)."""

    def keys(self) -> list[str]:
        """Returns the keys that it was asked with, in order."""
        return [one["headers"].get("authorization", "").removeprefix("Bearer ") for one in self.requests]

    def count(self, model: str) -> int:
        """Returns how often a model was asked."""
        return sum(request.get("model") == model for request in self.requests)


@contextmanager
def model_server() -> Iterator[ModelServer]:
    """Serves on a free port of loopback until the block ends."""
    http = _Http(("127.0.0.1", 0), _Requests)
    http.seen = ModelServer(f"http://127.0.0.1:{http.server_address[1]}/v1")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield http.seen
    finally:
        http.over.set()
        http.shutdown()
        http.server_close()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    seen: ModelServer

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.over = threading.Event()


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Http

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        if not self._permitted():
            return
        path = urlsplit(self.path)
        told = self.server.seen.tuning.answer("GET", path.path, dict(parse_qsl(path.query)), None)
        if told is not None:
            self._json(*told)
            return
        models = [{"id": name, "object": "model"} for name in ("good", "text-embed", "a-reranker")]
        self._json(200, {"object": "list", "data": models})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if self.headers.get_content_type() == "multipart/form-data":
            form = _form(headers["content-type"], raw)
            self.server.seen.requests.append({"path": self.path, "headers": headers})
            if self._permitted():
                self._json(*self.server.seen.tuning.upload(form))
            return
        body = json.loads(raw or b"{}")
        self.server.seen.requests.append({**body, "path": self.path, "headers": headers})
        if self._permitted():
            self._answer(urlsplit(self.path).path, body)

    def _answer(self, path: str, body: dict[str, Any]) -> None:
        told = self.server.seen.tuning.answer("POST", path, {}, body)
        if told is not None:
            self._json(*told)
        elif path == "/v1/llm/embeddings":
            self._embed_sensenova(body)
        elif path.endswith("/embeddings"):
            self._embed(body)
        elif path.endswith("/text-rerank"):
            self._rerank_dashscope(body)
        elif path.endswith("/rerank"):
            self._rerank(body)
        else:
            try:
                getattr(self, "_" + body["model"].replace("-", "_"), self._good)(body)
            except (BrokenPipeError, ConnectionResetError):
                self.server.seen.closed_early.set()

    def _permitted(self) -> bool:
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if given in (KEY, OTHER_KEY):
            return True
        if given == BUSY_KEY:
            self._json(429, {"error": {"message": "Slow down"}}, {"Retry-After": "7"})
        else:
            self._json(401, {"error": {"message": f"Incorrect API key provided: {given}"}})
        return False

    # Models that behave

    def _good(self, body: dict[str, Any]) -> None:
        self._stream([_piece(word) for word in WORDS], usage=bool(body.get("stream_options")))

    def _gpt_5_mini(self, body: dict[str, Any]) -> None:
        """Writes a table of contents where JSON is asked for, else a sentence about what it is told."""
        said = json.dumps([{"title": "The sea"}, {"title": "The light"}])
        if "JSON" not in body["messages"][0]["content"]:
            said = f"Once: {body['messages'][-1]['content']}"
        self._stream([_piece(said)])

    def _thinks(self, body: dict[str, Any]) -> None:
        self._stream([_piece(reasoning_content="Hmm"), *(_piece(word) for word in WORDS)])

    def _calls_tools(self, body: dict[str, Any]) -> None:
        """Two calls, the first in fragments, as most vendors send them."""
        fragments = [(0, "c1", "weather", ""), (0, None, None, '{"city": '), (0, None, None, '"Oslo"}'),
                     (1, "c2", "time", "{}")]  # fmt: skip
        pieces = [_piece(tool_calls=[_fragment(*one)]) for one in fragments]
        self._events([*pieces, _piece(finish="tool_calls"), "[DONE]"])

    def _calls_whole(self, body: dict[str, Any]) -> None:
        """Whole calls without number or id, as some servers send them."""
        pieces = [_piece(tool_calls=[_fragment(None, None, name, "{}")]) for name in ("weather",)]
        self._events([*pieces, _piece(finish="tool_calls"), "[DONE]"])

    def _scripted(self, body: dict[str, Any]) -> None:
        said = self.server.seen.script.pop(0)
        if isinstance(said, str):
            self._stream([_piece(said[at : at + 5]) for at in range(0, len(said), 5)])
            return
        pieces = []
        for number, (name, arguments) in enumerate(said):
            fragments = [(f"c{number}", name, ""), (None, None, arguments[:4]), (None, None, arguments[4:])]
            pieces += [_piece(tool_calls=[_fragment(number, *one)]) for one in fragments]
        self._events([*pieces, _piece(finish="tool_calls"), "[DONE]"])

    def _remembers(self, body: dict[str, Any]) -> None:
        last = {"id": "1", "object": "chat.completion.chunk", "choices": []}
        usage = {
            "prompt_tokens": 1000,
            "completion_tokens": 10,
            "prompt_tokens_details": {"cached_tokens": 600},
        }
        self._events([_piece("Hi"), _piece(finish="stop"), {**last, "usage": usage}, "[DONE]"])

    def _judges(self, body: dict[str, Any]) -> None:
        """Gives 7 points to an answer in which the wanted one stands, else none."""
        texts = json.loads(body["messages"][-1]["content"])
        points = 7 if texts["wanted answer"] in texts["answer"] else 0
        self._stream([_piece('{"reason": "So it is.", "poi'), _piece(f'nts": {points}}}')])

    def _chooses(self, body: dict[str, Any]) -> None:
        self._stream([_piece('{"ans'), _piece('wer": "no"}')])

    def _chatters(self, body: dict[str, Any]) -> None:
        self._stream([_piece("I would say "), _piece("No, thanks.")])

    def _usage_in_choice(self, body: dict[str, Any]) -> None:
        last = _piece(finish="stop")
        last["choices"][0]["usage"] = USAGE
        self._events([_piece("Hi"), last, "[DONE]"])

    # Models that do not

    def _busy(self, body: dict[str, Any]) -> None:
        self._json(429, {"error": {"message": "Slow down"}}, {"Retry-After": "0.1"})

    def _busy_once(self, body: dict[str, Any]) -> None:
        (self._busy if self.server.seen.count("busy-once") == 1 else self._good)(body)

    def _busy_for_long(self, body: dict[str, Any]) -> None:
        self._json(429, {"error": {"message": "Come back tomorrow"}}, {"Retry-After": "86400"})

    def _broke(self, body: dict[str, Any]) -> None:
        self._json(429, {"error": {"message": "You exceeded your current quota"}})

    def _down(self, body: dict[str, Any]) -> None:
        self._json(500, {"error": {"message": "Internal error"}})

    def _refuses(self, body: dict[str, Any]) -> None:
        self._json(400, {"error": {"message": "temperature must be below 1"}})

    def _unknown(self, body: dict[str, Any]) -> None:
        self._json(404, {"error": {"message": "No such model"}})

    def _too_long(self, body: dict[str, Any]) -> None:
        self._json(400, {"error": {"message": "request (9031 tokens) exceeds the available context size"}})

    def _moved(self, body: dict[str, Any]) -> None:
        self._json(307, {}, {"Location": "http://127.0.0.1:9/v1/chat/completions"})

    def _page(self, body: dict[str, Any]) -> None:
        self._send(200, "text/html", b"<html>Please log in</html>")

    def _error_with_200(self, body: dict[str, Any]) -> None:
        self._json(200, {"error": {"message": "The parameters are wrong"}})

    def _no_json(self, body: dict[str, Any]) -> None:
        self._events([_piece("Hel"), "{not json", "[DONE]"])

    def _breaks_off(self, body: dict[str, Any]) -> None:
        self._events([_piece("Hel"), _piece("lo")], finish=False)

    def _no_end(self, body: dict[str, Any]) -> None:
        self._events([_piece("Hel"), _piece("lo")])

    def _error_inside(self, body: dict[str, Any]) -> None:
        self._events([_piece("Hel"), {"error": {"message": "The engine died"}}])

    def _silent(self, body: dict[str, Any]) -> None:
        self._events([_piece("Hel")], finish=False, hold=True)

    def _mute(self, body: dict[str, Any]) -> None:
        self.server.over.wait(30)

    def _pings(self, body: dict[str, Any]) -> None:
        self._slowly(lambda: b": ping\n\n")

    def _trickles(self, body: dict[str, Any]) -> None:
        self._slowly(lambda: _event(_piece("a")))

    def _floods(self, body: dict[str, Any]) -> None:
        self._slowly(lambda: b"data: " + b"x" * 1_000_000, every=0.0)

    # How answers go out

    def _stream(self, pieces: list[dict[str, Any]], *, usage: bool = False) -> None:
        last: list[Any] = [_piece(finish="stop")]
        if usage:
            last.append({"id": "1", "object": "chat.completion.chunk", "choices": [], "usage": USAGE})
        self._events([*pieces, *last, "[DONE]"])

    def _events(self, events: list[Any], *, finish: bool = True, hold: bool = False) -> None:
        self._begin()
        for event in events:
            self._chunk(_event(event))
            time.sleep(0.005)
        if hold:
            self.server.over.wait(30)
        if finish:
            self._chunk(b"")
        self.close_connection = True

    def _slowly(self, make: Callable[[], bytes], every: float = 0.05) -> None:
        self._begin()
        while not self.server.over.wait(every):
            self._chunk(make())
        self.close_connection = True

    def _begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def _embed(self, body: dict[str, Any]) -> None:
        texts = body["input"]
        rows = [
            {"object": "embedding", "index": i, "embedding": [float(len(text)), 1.0]}
            for i, text in enumerate(texts)
        ]
        if body["model"] == "loses-one":
            rows = rows[1:]
        self._json(200, {"object": "list", "model": body["model"], "data": rows[::-1], "usage": USAGE})

    def _embed_sensenova(self, body: dict[str, Any]) -> None:
        rows = [{"index": n, "embedding": [float(len(text)), 1.0], "status_code": 0}
                for n, text in enumerate(body["input"])]  # fmt: skip
        if body["model"] == "loses-one":
            rows = rows[1:]
        self._json(200, {"embeddings": rows[::-1], "usage": USAGE})

    def _rerank(self, body: dict[str, Any]) -> None:
        scores = _scores(body["query"], body["documents"])
        self._json(200, {"id": "1", "results": scores, "usage": {"prompt_tokens": 9, "total_tokens": 9}})

    def _rerank_dashscope(self, body: dict[str, Any]) -> None:
        scores = _scores(body["input"]["query"], body["input"]["documents"])
        self._json(200, {"request_id": "r", "output": {"results": scores}, "usage": {"total_tokens": 9}})

    def _json(self, status: int, content: Any, headers: dict[str, str] | None = None) -> None:
        self._send(status, "application/json", json.dumps(content).encode(), headers)

    def _send(self, status: int, kind: str, data: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {
            **(headers or {}),
            "Content-Type": kind,
            "Content-Length": str(len(data)),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


def _form(content_type: str, raw: bytes) -> dict[str, Any]:
    whole = email.message_from_bytes(
        f"Content-Type: {content_type}\r\n\r\n".encode() + raw, policy=email.policy.HTTP
    )
    found: dict[str, Any] = {}
    for part in whole.iter_parts():  # type: ignore[attr-defined]
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        found[name] = content if part.get_filename() else content.decode()
    return found


def _scores(query: str, texts: list[str]) -> list[dict[str, Any]]:
    """The share of the letters of the question, best first, as vendors send them."""
    found = [(sum(mark in text for mark in query) / len(query), n) for n, text in enumerate(texts)]
    return [{"index": n, "relevance_score": score} for score, n in sorted(found, reverse=True)]


def _fragment(number: int | None, id: str | None, name: str | None, arguments: str) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"index": number, "id": id, "type": "function", "function": function}


def _piece(text: str = "", *, finish: str | None = None, **delta: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"content": text, **delta}, "finish_reason": finish}
    return {"id": "1", "object": "chat.completion.chunk", "model": "x", "created": 1, "choices": [choice]}


def _event(event: Any) -> bytes:
    text = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
    return f"data: {text}\n\n".encode()
