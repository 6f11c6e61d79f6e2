"""A page that follows a run, reduced to its socket."""

from __future__ import annotations

import json
import threading
from typing import Any

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

from tests.faults.studio import Studio


class Watcher(threading.Thread):
    """Follows a run from ``after`` on until the server closes or is gone."""

    def __init__(self, studio: Studio, run_id: str, after: int = 0) -> None:
        super().__init__(daemon=True)
        self.url = f"ws://127.0.0.1:{studio.port}/ws/runs/{run_id}?after={after}"
        self.headers = {"Authorization": f"Bearer {studio.token}"}
        self.events: list[dict[str, Any]] = []
        self.code: int | None = None
        self.failed: str = ""
        self.start()

    def run(self) -> None:
        try:
            with connect(self.url, additional_headers=self.headers) as socket:
                self._read(socket)
        except (OSError, WebSocketException) as error:
            self.failed = repr(error)

    def _read(self, socket: ClientConnection) -> None:
        try:
            while True:
                self.events += json.loads(socket.recv())
        except ConnectionClosed:
            self.code = socket.close_code

    def text(self, node_id: str = "say") -> str:
        """Returns the pieces of text it has seen of a node."""
        pieces = [e["text"] for e in self.events if e["type"] == "step.delta" and e["node_id"] == node_id]
        return "".join(pieces)
