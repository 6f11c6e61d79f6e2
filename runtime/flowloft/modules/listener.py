"""A small HTTP server in a thread: it carries one service and leaves no port open behind it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

POLL = 0.05
"""Seconds until a server notices that it is to end."""
GRACE = 5.0
"""Seconds that calls under way may still take when it ends."""
IDLE_SECONDS = 30.0
"""How long a connection may be silent while a request is awaited or sent."""


@dataclass(frozen=True, slots=True)
class Service:
    """What is served, and to whom.

    Attributes:
        call: The function.
        document: Makes the OpenAPI document.
        key: Asked of every caller; empty asks for none.
        max_body: Bytes of one request.
        at_once: Calls at the same time; more are told to come back.
        pages: Content type and content of files that are shown to everybody, by path.
    """

    name: str
    call: Callable[..., Any]
    document: Callable[[], dict[str, Any]]
    key: str = field(repr=False)
    max_body: int
    at_once: int
    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)


class Listener(ThreadingHTTPServer):
    """Listens from the moment it is made.

    Args:
        requests: Class of what answers a request.

    Raises:
        OSError: The address is not to be had.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, host: str, port: int, service: Service, requests: type[BaseHTTPRequestHandler]
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.service = service
        self.slots = threading.BoundedSemaphore(service.at_once)
        self.ending = False
        self._busy: dict[socket.socket, bool] = {}
        self._changed = threading.Condition()
        super().__init__((host, port), requests)
        self.port: int = self.server_address[1]
        threading.Thread(
            target=self.serve_forever, args=(POLL,), name=f"flowloft-serve-{self.port}", daemon=True
        ).start()

    def server_bind(self) -> None:
        """Binds without looking its own name up, which may take seconds."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()

    def busy(self, connection: socket.socket, *, busy: bool) -> None:
        """Notes whether a connection waits for an answer."""
        with self._changed:
            self._busy[connection] = busy
            self._changed.notify_all()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Takes a connection, unless there are far too many."""
        with self._changed:
            if self.ending or len(self._busy) >= 4 * self.service.at_once:
                return False
            self._busy[request] = False
            return True

    def shutdown_request(self, request: Any) -> None:
        with self._changed:
            self._busy.pop(request, None)
            self._changed.notify_all()
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing: a caller that goes away is no error of ours."""

    def end(self, grace: float = GRACE) -> None:
        """Takes no more calls, waits for those under way, and closes every connection."""
        self.ending = True
        self.shutdown()
        self.server_close()
        until = time.monotonic() + grace
        with self._changed:
            while any(self._busy.values()) and (left := until - time.monotonic()) > 0:
                self._hang_up(idle_only=True)
                self._changed.wait(left)
            self._hang_up(idle_only=False)

    def _hang_up(self, *, idle_only: bool) -> None:
        for connection, busy in self._busy.items():
            if not (busy and idle_only):
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue
