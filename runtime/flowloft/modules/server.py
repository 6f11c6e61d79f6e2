"""Anything that can be called, served over HTTP."""

from __future__ import annotations

import functools
import ipaddress
import secrets
from typing import TYPE_CHECKING, Any

from flowloft.core.errors import BackendError, FlowError
from flowloft.flow import Flow
from flowloft.flow.base import made
from flowloft.modules.base import Module
from flowloft.modules.url import UrlModule

if TYPE_CHECKING:
    from flowloft.modules.listener import Listener

SHORTEST_KEY = 16
"""Characters of a key that protects more than this machine."""


class ServerModule(Module):
    """Serves a function, module or flow: ``POST /run`` in JSON or as events, ``/openapi.json`` and
    ``/health``. Called, it goes to its own server as any other caller does.

    Args:
        action: What is served.
        host: Address to listen on: loopback unless told.
        port: 0 for a free one, which is kept when the server is started again by an update.
        key: Asked of every caller as ``Authorization: Bearer``. One is made where None; empty asks
            for none, on loopback only.
        stream: Whether a call of this module yields the pieces of the answer as they come.
        max_body: Bytes of one call.
        at_once: Calls at the same time; more are answered with 503.
        timeout: Seconds for one call of this module.

    Example:
        with ServerModule(str.upper) as server:
            server("hello")                           # 'HELLO', over the network
            UrlModule(server.url, key=server.key)("hello")
    """

    def __init__(
        self,
        action: Any,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        key: str | None = None,
        stream: bool = False,
        max_body: int = 4 * 1024 * 1024,
        at_once: int = 64,
        timeout: float = 120.0,
        name: str = "",
    ) -> None:
        super().__init__(name=name)
        self.action = made(action)
        if not (callable(self.action) or isinstance(self.action, Flow)):
            raise FlowError(
                "A ServerModule needs something that can be called.",
                code="not_callable",
                hint="Write ServerModule(f), with a function, a module or a flow.",
            )
        self.host, self.port = host, port
        self.stream = stream
        self.max_body, self.at_once, self.timeout = max_body, at_once, timeout
        self._key = key
        self._listener: Listener | None = None

    @property
    def key(self) -> str:
        """What callers must send; made when it is first needed. Empty where none is asked for."""
        if self._key is None:
            self._key = secrets.token_urlsafe(32)
        return self._key

    @property
    def url(self) -> str:
        """Where calls are sent.

        Raises:
            FlowError: ``not_started``.
        """
        listener = self._listener
        if listener is None:
            raise FlowError(
                f"{self.name} does not serve yet.",
                code="not_started",
                hint="Call start(), or write `with module:`.",
            )
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host else host}:{listener.port}/run"

    def forward(self, *args: Any, **named: Any) -> Any:
        return UrlModule(self.url, key=self.key, stream=self.stream, timeout=self.timeout)(*args, **named)

    def serving(self) -> Any:
        return self.action, self.host, self.port, self.key, self.max_body, self.at_once

    def open(self) -> None:
        """Listens, at the port of before where it has listened already.

        Raises:
            FlowError: ``key_required``: the address is not loopback and the key is none.
            BackendError: ``port_taken``: the address is not to be had.
        """
        from flowloft.modules.listener import Listener, Service  # noqa: PLC0415 - only who serves needs it
        from flowloft.modules.openapi import describe  # noqa: PLC0415
        from flowloft.modules.requests import Requests  # noqa: PLC0415

        self._require_key()
        port = self.port or (self._listener.port if self._listener else 0)
        self.close()
        document = functools.partial(describe, self.name, self.action, secured=bool(self.key))
        service = Service(
            self.name, self.action, document, self.key, self.max_body, self.at_once, self.pages()
        )
        try:
            self._listener = Listener(self.host, port, service, Requests)
        except OSError as error:
            raise BackendError(
                f"{self.host}:{port} can't be listened on: {error}.",
                code="port_taken",
                permanent=True,
                hint="Choose another port, or 0 for a free one.",
            ) from error

    def pages(self) -> dict[str, tuple[str, bytes]]:
        """Returns content type and content of the files that are shown to everybody, by path."""
        return {}

    def close(self) -> None:
        if self._listener is not None:
            listener, self._listener = self._listener, None
            listener.end()

    def _require_key(self) -> None:
        if not _is_loopback(self.host) and len(self.key) < SHORTEST_KEY:
            raise FlowError(
                f"{self.host} can be reached from other machines, so calls need a key.",
                code="key_required",
                hint=f"Leave key out to have one made, or give one of {SHORTEST_KEY} characters or more.",
            )


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
