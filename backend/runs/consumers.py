"""The socket on which a page follows a run."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from backend.accounts.sockets import chosen_protocol
from backend.common.errors import ApiError
from backend.common.objects import object_for
from backend.runs.models import Run
from backend.runs.tail import tail

BAD_REQUEST = 4400
NOT_SIGNED_IN = 4401
NOT_FOUND = 4404
MAX_SEQ = 2**31


class EventConsumer(AsyncWebsocketConsumer):
    """Tells events from ``?after=`` on, one JSON array a frame; closes after the terminal one."""

    _telling: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        # Accepted before anything else: a browser shows the code of a refused handshake to nobody.
        await self.accept(subprotocol=chosen_protocol(self.scope))
        after = parse_qs(self.scope["query_string"].decode("latin-1")).get("after", ["0"])[-1]
        if not after.isascii() or not after.isdigit() or int(after) > MAX_SEQ:
            await self.close(BAD_REQUEST)
            return
        self._telling = asyncio.create_task(self.follow(int(after)))

    async def disconnect(self, code: int) -> None:
        if self._telling is not None:
            self._telling.cancel()

    async def follow(self, after: int) -> None:
        """Checks who asks, then tells what comes behind ``after``."""
        raise NotImplementedError


class RunConsumer(EventConsumer):
    """A run, for whoever may look at it."""

    async def follow(self, after: int) -> None:
        if not self.scope["user"].is_authenticated:
            await self.close(NOT_SIGNED_IN)
            return
        run_id = self.scope["url_route"]["kwargs"]["run_id"]
        try:
            await _permitted(self.scope["user"], run_id)
        except ApiError:
            await self.close(NOT_FOUND)
            return
        async for text in tail(run_id, after):
            await self.send(text_data=text)
        await self.close(1000)


@database_sync_to_async
def _permitted(user: Any, run_id: uuid.UUID) -> None:
    object_for(user, Run, run_id, look=True)
