"""The socket on which a page follows the documents of a knowledge base."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.utils import timezone
from redis import RedisError
from redis.asyncio import Redis

from backend.common.errors import ApiError
from backend.common.objects import object_for
from backend.documents import bell, shapes
from backend.documents.models import KnowledgeBase, SourceDocument
from backend.documents.services import with_counts

NOT_SIGNED_IN = 4401
NOT_FOUND = 4404
ASK_EVERY = 5.0
"""Seconds after which the database is asked although nothing rang."""
REST = 0.3
"""Seconds between two messages, however much happens."""
OVERLAP = timedelta(seconds=2)
"""Looked back over, for changes that were committed late. A page takes a row twice without harm."""
AT_ONCE = 200


class KnowledgeConsumer(AsyncWebsocketConsumer):
    """Sends ``{knowledge, documents}``: the counts, and the documents that changed."""

    _telling: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        # Accepted before anything else: a browser shows the code of a refused handshake to nobody.
        offered = self.scope.get("subprotocols", [])
        await self.accept(
            subprotocol=next(
                (name for name in offered if not name.startswith("bearer.")), next(iter(offered), None)
            )
        )
        if not self.scope["user"].is_authenticated:
            await self.close(NOT_SIGNED_IN)
            return
        try:
            knowledge_id = await _permitted(self.scope["user"], self.scope["url_route"]["kwargs"]["id"])
        except ApiError:
            await self.close(NOT_FOUND)
            return
        self._telling = asyncio.create_task(self._tell(knowledge_id))

    async def disconnect(self, code: int) -> None:
        if self._telling is not None:
            self._telling.cancel()

    async def _tell(self, knowledge_id: uuid.UUID) -> None:
        rung = asyncio.Event()
        listening = asyncio.create_task(_listen(knowledge_id, rung))
        since, last = timezone.now(), ""
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(rung.wait(), ASK_EVERY)
                rung.clear()
                found = await _news(knowledge_id, since - OVERLAP)
                if found is None:
                    await self.close(NOT_FOUND)
                    return
                since, text = found
                if text != last:
                    last = text
                    await self.send(text_data=text)
                await asyncio.sleep(REST)
        finally:
            listening.cancel()


async def _listen(knowledge_id: uuid.UUID, rung: asyncio.Event) -> None:
    while True:
        client = Redis.from_url(settings.BROKER_URL, socket_timeout=None, socket_connect_timeout=1)
        try:
            async with client.pubsub(ignore_subscribe_messages=True) as pubsub:
                await pubsub.subscribe(bell.channel(knowledge_id))
                async for _ in pubsub.listen():
                    rung.set()
        except (RedisError, OSError):
            await asyncio.sleep(ASK_EVERY)
        finally:
            await client.aclose()


@database_sync_to_async
def _permitted(user: Any, id: Any) -> uuid.UUID:
    found: uuid.UUID = object_for(user, KnowledgeBase, id, KnowledgeBase.objects.filter(removed=False)).pk
    return found


@database_sync_to_async
def _news(knowledge_id: uuid.UUID, since: datetime) -> tuple[datetime, str] | None:
    now = timezone.now()
    knowledge = with_counts(KnowledgeBase.objects.filter(pk=knowledge_id)).first()
    if knowledge is None:
        return None
    changed = SourceDocument.objects.filter(knowledge_id=knowledge_id, changed_at__gte=since)
    rows = list(changed.order_by("-changed_at")[:AT_ONCE])
    told = {
        "knowledge": shapes.KnowledgeSerializer(knowledge).data,
        "documents": shapes.SourceDocumentSerializer(rows, many=True).data,
    }
    return now, json.dumps(told, default=str, ensure_ascii=False, separators=(",", ":"))
