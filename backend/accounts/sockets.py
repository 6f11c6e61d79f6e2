"""Who opens a WebSocket: settled once here, before any consumer sees it."""

from __future__ import annotations

from typing import Any

from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.sessions import CookieMiddleware, SessionMiddleware
from django.contrib.auth.models import AnonymousUser

from backend.accounts.services import token_user
from backend.common.origins import origin_allowed

BEARER = "bearer."
FOREIGN_ORIGIN = 4403


def _bearer(scope: dict[str, Any]) -> str | None:
    """Returns the token of the header, or of a ``bearer.<token>`` subprotocol; never of the address."""
    headers = dict(scope["headers"])
    kind, _, text = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if kind.lower() == "bearer":
        return str(text.strip())
    offered = (name for name in scope.get("subprotocols", []) if name.startswith(BEARER))
    found = next(offered, None)
    return found.removeprefix(BEARER) if found else None


def chosen_protocol(scope: dict[str, Any]) -> str | None:
    """Returns one of the offered names, because a browser insists on it; no token if it can be."""
    offered: list[str] = scope.get("subprotocols", [])
    return next((name for name in offered if not name.startswith(BEARER)), next(iter(offered), None))


class SocketGate:
    """Puts the person into ``scope["user"]`` and turns foreign pages away with close code 4403.

    A token counts before a session. Nobody is turned away for being nobody: consumers close with
    4401 themselves, because only they know what is asked for.
    """

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.with_session = CookieMiddleware(SessionMiddleware(self._from_session))

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if not origin_allowed(scope):
            await receive()
            # Accepted first, because a browser shows the code of a refused handshake to nobody.
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": FOREIGN_ORIGIN})
            return
        token = _bearer(scope)
        if token is None:
            await self.with_session(scope, receive, send)
            return
        user = await database_sync_to_async(token_user)(token)
        await self.inner(scope | {"user": user or AnonymousUser()}, receive, send)

    async def _from_session(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        user = await get_user(scope)
        await self.inner(scope | {"user": user}, receive, send)
