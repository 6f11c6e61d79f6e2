"""Who has a flow open, and that somebody saved it. Nothing here is stored: each page says so itself."""

from __future__ import annotations

import asyncio
import json
import uuid
from contextlib import suppress
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from redis import RedisError
from redis.asyncio import Redis

from backend.accounts.sockets import chosen_protocol
from backend.common.errors import ApiError
from backend.common.objects import object_for
from backend.flows.models import Flow

NOT_SIGNED_IN = 4401
NOT_FOUND = 4404
TOO_MUCH = 4429
TRY_AGAIN = 1013
LONGEST = 4_000
"""Characters of one message."""
PER_SECOND = 20
"""Messages that a page may send; one that sends more is cut off."""
KINDS = frozenset({"here", "saved"})


class PresenceConsumer(AsyncWebsocketConsumer):
    """Passes what a page tells about itself on to the other pages on the same flow.

    A page sends ``{"kind": "here", "node": id or null, "answer": bool}`` or ``{"kind": "saved",
    "revision": n}``; the others get it with ``from``, a number of the page, and ``name``. When a page
    goes, they get ``{"kind": "gone", "from": ...}``.
    """

    _hearing: asyncio.Task[None] | None = None
    _client: Redis | None = None
    _sent = 0
    _second = 0

    async def connect(self) -> None:
        # Accepted before anything else: a browser shows the code of a refused handshake to nobody.
        await self.accept(subprotocol=chosen_protocol(self.scope))
        user = self.scope["user"]
        if not user.is_authenticated:
            await self.close(NOT_SIGNED_IN)
            return
        flow_id = self.scope["url_route"]["kwargs"]["flow_id"]
        try:
            await _permitted(user, flow_id)
        except ApiError:
            await self.close(NOT_FOUND)
            return
        self._me = uuid.uuid4().hex[:12]
        self._name = user.username
        self._channel = f"flowloft:flow:{flow_id}"
        self._client = Redis.from_url(settings.BROKER_URL, socket_timeout=None, socket_connect_timeout=1)
        self._hearing = asyncio.create_task(self._hear(self._client))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        told = None if bytes_data else _read(text_data)
        if self._client is None or told is None:
            return
        second = int(asyncio.get_running_loop().time())
        self._sent = self._sent + 1 if second == self._second else 1
        self._second = second
        if self._sent > PER_SECOND:
            await self.close(TOO_MUCH)
            return
        await self._tell(told)

    async def disconnect(self, code: int) -> None:
        if self._hearing is not None:
            self._hearing.cancel()
            with suppress(asyncio.CancelledError):
                await self._hearing
        if self._client is not None:
            await self._tell({"kind": "gone"})
            await self._client.aclose()

    async def _tell(self, told: dict[str, Any]) -> None:
        message = json.dumps({**told, "from": self._me, "name": self._name}, ensure_ascii=False)
        with suppress(RedisError, OSError):
            if self._client is not None:
                await self._client.publish(self._channel, message)

    async def _hear(self, client: Redis) -> None:
        try:
            async with client.pubsub(ignore_subscribe_messages=True) as pubsub:
                await pubsub.subscribe(self._channel)
                await self.send(text_data='{"kind": "open"}')
                async for message in pubsub.listen():
                    text = message["data"].decode()
                    if json.loads(text)["from"] != self._me:
                        await self.send(text_data=text)
        except (RedisError, OSError):
            await self.close(TRY_AGAIN)


def _read(text: str | None) -> dict[str, Any] | None:
    """Returns what a page may tell the others; None for anything else."""
    if text is None or len(text) > LONGEST:
        return None
    try:
        told = json.loads(text)
    except ValueError:
        return None
    if not isinstance(told, dict) or told.get("kind") not in KINDS:
        return None
    if told["kind"] == "saved":
        revision = told.get("revision")
        return {"kind": "saved", "revision": revision} if isinstance(revision, int) else None
    node = told.get("node")
    plain = node if isinstance(node, str) and len(node) <= 64 else None
    return {"kind": "here", "node": plain, "answer": told.get("answer") is True}


@database_sync_to_async
def _permitted(user: Any, flow_id: uuid.UUID) -> None:
    object_for(user, Flow, flow_id)
