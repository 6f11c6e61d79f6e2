"""The OpenAI embeddings protocol on loopback, for engines that turn texts into vectors in Python."""

from __future__ import annotations

import argparse
import base64
import hmac
import json
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from flowloft.core.framework import Serving
from flowloft.core.server_child import attend, key

MAX_BODY = 16 * 1024 * 1024
MAX_TEXTS = 2048

Encode = Callable[[list[str]], list[list[float]]]
"""From texts to rows of one width, L2-normalised."""


def vector_arguments(name: str) -> argparse.ArgumentParser:
    """Returns what each such engine may be told on its command line.

    Args:
        name: What the model is called in requests, unless it is told.
    """
    parser = argparse.ArgumentParser(description="Serves sentence embeddings on loopback.")
    parser.add_argument("--name", default=name, help="what the model is called in requests")
    parser.add_argument("--port", type=int, default=0, help="0 for any free one")
    parser.add_argument("--threads", type=int, default=Serving().threads)
    return parser


def serve_vectors(encode: Encode, *, name: str, port: int, batch: int = 64) -> None:
    """Serves an encoder until it is no longer wanted. It is asked by one thread at a time.

    Args:
        encode: Called with at most ``batch`` texts.
        name: Of the model in requests.
        port: 0 for any free one.
        batch: Texts at once: more are faster until memory is short.
    """
    server = _Server(encode, name, port, batch)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    attend(f"http://127.0.0.1:{server.server_address[1]}/v1")


class _RefusedError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, encode: Encode, name: str, port: int, batch: int) -> None:
        super().__init__(("127.0.0.1", port), _Requests)
        self.name = name
        self._encode, self._batch = encode, batch
        self._one_at_a_time = threading.Lock()
        self.embed(["warm up"])

    def embed(self, texts: list[str]) -> list[list[float]]:
        """Returns ``(len(texts), dimensions)``, in the order of ``texts``."""
        rows: list[list[float]] = []
        for start in range(0, len(texts), self._batch):
            with self._one_at_a_time:
                rows.extend(self._encode(texts[start : start + self._batch]))
        return rows


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer in one piece; in two it waits 40 ms for an acknowledgement
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, *_: Any) -> None:
        """Keeps quiet: the texts of people are nobody's business."""

    def do_GET(self) -> None:
        if self.path == "/health":
            self._answer(200, {"status": "ok"})
        elif self.path == "/v1/models" and self._permitted():
            self._answer(200, {"object": "list", "data": [{"id": self.server.name, "object": "model"}]})
        elif self.path != "/v1/models":
            self._fail(404, f"There is no {self.path} here.")

    def do_POST(self) -> None:
        try:
            size = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            size = -1
        if not 0 <= size <= MAX_BODY:
            self.close_connection = True
            self._fail(413, f"At most {MAX_BODY} bytes are taken.")
            return
        body = self.rfile.read(size)
        if self.path != "/v1/embeddings":
            self._fail(404, f"There is no {self.path} here.")
        elif self._permitted():
            try:
                self._answer(200, self._embeddings(body))
            except _RefusedError as refused:
                self._fail(refused.status, str(refused))

    def _embeddings(self, body: bytes) -> dict[str, Any]:
        try:
            asked = json.loads(body)
        except ValueError as error:
            raise _RefusedError(400, "The body is no JSON.") from error
        texts = asked.get("input") if isinstance(asked, dict) else None
        texts = [texts] if isinstance(texts, str) else texts
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise _RefusedError(400, "`input` must be a text or a list of texts.")
        if len(texts) > MAX_TEXTS:
            raise _RefusedError(400, f"At most {MAX_TEXTS} texts are taken at once.")
        as_bytes = asked.get("encoding_format") == "base64"
        words = sum(len(text.split()) for text in texts)
        return {
            "object": "list",
            "model": self.server.name,
            "data": [
                {"object": "embedding", "index": index, "embedding": _packed(row) if as_bytes else row}
                for index, row in enumerate(self.server.embed(texts) if texts else [])
            ],
            "usage": {"prompt_tokens": words, "total_tokens": words},
        }

    def _permitted(self) -> bool:
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if key() and not hmac.compare_digest(given.encode(), key().encode()):
            self._fail(401, "The key is wrong.")
            return False
        return True

    def _fail(self, status: int, message: str) -> None:
        self._answer(status, {"error": {"message": message, "code": status}})

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _packed(row: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(row)}f", *row)).decode()
