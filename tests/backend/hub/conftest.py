"""An address that speaks the OpenAI protocol, and notes what it is asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@dataclass
class ModelServer:
    """A model server on loopback that wants one key."""

    url: str = ""
    key: str = "sk-right"
    seen: list[str] = field(default_factory=list)


@pytest.fixture
def model_servers() -> Iterator[list[ModelServer]]:
    """Two of them, so that a key can be led astray."""
    states = [ModelServer(), ModelServer()]
    servers = []
    for state in states:

        class Answer(BaseHTTPRequestHandler):
            told = state

            def do_GET(self) -> None:
                self.told.seen.append(self.headers.get("Authorization", ""))
                good = self.headers.get("Authorization") == f"Bearer {self.told.key}"
                models = {"object": "list", "data": [{"id": "tiny", "object": "model"}]}
                refusal = {"error": {"message": f"no: {self.headers.get('Authorization')}"}}
                body = json.dumps(models if good else refusal).encode()
                self.send_response(200 if good else 401)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                """Stays quiet."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        state.url = f"http://127.0.0.1:{server.server_port}/v1"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
    yield states
    for server in servers:
        server.shutdown()
        server.server_close()
