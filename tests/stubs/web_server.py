"""A web service over real sockets, as HTTP requests of flows meet them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class WebServer:
    """What a test sees of the server."""

    url: str
    port: int
    requests: list[dict[str, Any]] = field(default_factory=list)
    """``method``, ``path``, ``headers`` (names in small letters) and ``body`` of each request."""


@contextmanager
def web_server() -> Iterator[WebServer]:
    """Serves on a free port of loopback until the block ends."""
    http = _Http(("127.0.0.1", 0), _Requests)
    http.seen = WebServer(f"http://127.0.0.1:{http.server_address[1]}", http.server_address[1])
    threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield http.seen
    finally:
        http.over.set()
        http.shutdown()
        http.server_close()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    seen: WebServer

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.over = threading.Event()


class _Requests(BaseHTTPRequestHandler):
    """``/echo`` tells what came, ``/run`` gives it back as a served module does,
    ``/mcp`` has a tool that gives back its arguments, ``/go?to=`` redirects,
    ``/round`` to itself, ``/status/<n>`` answers with a status,
    ``/big?bytes=`` is large, ``/mute`` never answers."""

    protocol_version = "HTTP/1.1"
    server: _Http

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        came = {"method": self.command, "path": self.path, "body": body}
        self.server.seen.requests.append({**came, "headers": headers})
        url = urlsplit(self.path)
        if url.path == "/go":
            self._send(302, b"", Location=parse_qs(url.query)["to"][0])
        elif url.path == "/round":
            self._send(302, b"", Location="/round")
        elif url.path.startswith("/status/"):
            self._send(int(url.path.rpartition("/")[2]), b"no luck")
        elif url.path == "/big":
            self._send(200, b"x" * int(parse_qs(url.query)["bytes"][0]))
        elif url.path == "/mute":
            self.server.over.wait(30)
        elif url.path == "/mcp":
            self._send(200, _tool_said(json.loads(body)))
        elif url.path == "/run":
            self._send(200, json.dumps({"output": json.loads(body)}).encode())
        else:
            self._send(200, json.dumps(came).encode())

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET  # noqa: N815

    def _send(self, status: int, data: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def _tool_said(asked: dict[str, Any]) -> bytes:
    data = (asked.get("params") or {}).get("arguments")
    result = {"content": [{"type": "text", "text": "done"}], "structuredContent": data}
    return json.dumps({"jsonrpc": "2.0", "id": asked.get("id"), "result": result}).encode()
