"""An HTTP proxy on loopback that notes what goes through it."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@dataclass
class ProxyServer:
    """What a test sees of it."""

    port: int
    asked: list[str] = field(default_factory=list)
    passwords: set[str] = field(default_factory=set)


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    seen: ProxyServer


class _Requests(BaseHTTPRequestHandler):
    server: _Http

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        seen = self.server.seen
        seen.asked.append(f"{self.command} {self.path}")
        seen.passwords.add(self.headers.get("Proxy-Authorization", ""))
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        kept = {name: value for name, value in self.headers.items() if not name.lower().startswith("proxy-")}
        onward = http.client.HTTPConnection(url.hostname or "", url.port or 80, timeout=10)
        onward.request(self.command, url.path, body, kept)
        answer = onward.getresponse()
        data = answer.read()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        onward.close()


@contextmanager
def proxy_server() -> Iterator[ProxyServer]:
    """Serves on a free port of loopback until the block ends."""
    http_server = _Http(("127.0.0.1", 0), _Requests)
    http_server.seen = ProxyServer(http_server.server_address[1])
    thread = threading.Thread(target=http_server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield http_server.seen
    finally:
        http_server.shutdown()
        http_server.server_close()
