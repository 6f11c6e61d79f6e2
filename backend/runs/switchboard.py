"""News of runs for all listeners of this process: one subscription and one question a second,
however many browsers look on."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections import deque
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from contextvars import Context
from typing import Any
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import Error
from redis import RedisError
from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from backend.runs import bell
from backend.runs.models import Run
from backend.runs.wire import Batch

log = logging.getLogger(__name__)

ASK_EVERY = 1.0
"""Seconds between two looks at the database, for news whose ring got lost."""
ACKNOWLEDGE = 0.3
"""Seconds that a listener waits for its subscription; the database tells it what it misses."""
HEARD = 512
"""Batches kept for a listener that is slow; beyond, it reads the log."""


class Mailbox:
    """What has come for one listener."""

    def __init__(self) -> None:
        self._batches: deque[Batch] = deque(maxlen=HEARD)
        self._news = asyncio.Event()
        self.ready = asyncio.Event()
        """Set when rings are heard from now on."""

    def put(self, batch: Batch) -> None:
        """Adds news; the oldest fall out of a full box, which shows as a gap."""
        self._batches.append(batch)
        self._news.set()

    async def get(self) -> Batch:
        """Waits for news."""
        while not self._batches:
            self._news.clear()
            await self._news.wait()
        return self._batches.popleft()


class Switchboard:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self._boxes: dict[uuid.UUID, set[Mailbox]] = {}
        self._pubsub: PubSub | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @contextmanager
    def listen(self, run_id: uuid.UUID) -> Iterator[Mailbox]:
        """Opens a mailbox for the news of a run."""
        box = Mailbox()
        known = self._boxes.setdefault(run_id, set())
        known.add(box)
        if not self._tasks:
            # In an empty context: the caller's binds database work to a thread that ends before these.
            self._tasks = [
                asyncio.create_task(work, context=Context()) for work in (self._hear(), self._ask())
            ]
        elif len(known) > 1 and any(other.ready.is_set() for other in known):
            box.ready.set()
        elif self._pubsub is not None:
            self._soon(self._subscribe(self._pubsub, run_id))
        try:
            yield box
        finally:
            known.discard(box)
            if not known and self._boxes.get(run_id) is known:
                del self._boxes[run_id]
                if self._pubsub is not None:
                    self._soon(self._unsubscribe(self._pubsub, run_id))

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, context=Context())
        _KEPT.add(task)
        task.add_done_callback(_KEPT.discard)

    async def _subscribe(self, pubsub: PubSub, run_id: uuid.UUID) -> None:
        with suppress(RedisError, OSError):
            await pubsub.subscribe(bell.channel(run_id))

    async def _unsubscribe(self, pubsub: PubSub, run_id: uuid.UUID) -> None:
        with suppress(RedisError, OSError):
            if run_id not in self._boxes:
                await pubsub.unsubscribe(bell.channel(run_id))

    async def _hear(self) -> None:
        while True:
            client = Redis.from_url(settings.BROKER_URL, socket_timeout=None, socket_connect_timeout=1)
            try:
                async with client.pubsub() as pubsub:
                    # A name nobody rings keeps the connection when the last listener goes.
                    await pubsub.subscribe(bell.PREFIX)
                    self._pubsub = pubsub
                    if self._boxes:
                        await pubsub.subscribe(*map(bell.channel, self._boxes))
                    async for message in pubsub.listen():
                        self._pass_on(message["type"], message["channel"].decode(), message["data"])
            except (RedisError, OSError) as error:
                log.debug("No bell, the database is asked instead: %s", error)
            finally:
                self._pubsub = None
                await client.aclose()
            await asyncio.sleep(ASK_EVERY)

    def _pass_on(self, kind: str, channel: str, data: bytes) -> None:
        name = channel.removeprefix(bell.PREFIX)
        if not name:
            return
        boxes = self._boxes.get(uuid.UUID(name), ())
        if kind == "subscribe":
            for box in boxes:
                box.ready.set()
        elif kind == "message":
            batch = bell.unpack(data.decode())
            for box in boxes:
                box.put(batch)

    async def _ask(self) -> None:
        try:
            while True:
                await asyncio.sleep(ASK_EVERY)
                if self._boxes:
                    await self._ask_once()
        finally:
            _BOARDS.pop(asyncio.get_running_loop(), None)

    async def _ask_once(self) -> None:
        try:
            found = await database_sync_to_async(_last_of)(list(self._boxes))
        except Error as error:
            log.warning("The database does not answer: %s", error)
            return
        for run_id, last in found:
            for box in self._boxes.get(run_id, ()):
                box.put(Batch(last + 1, last, False, ""))


_KEPT: set[asyncio.Task[None]] = set()
"""The event loop itself keeps only weak references."""


def _last_of(runs: list[uuid.UUID]) -> list[tuple[uuid.UUID, int]]:
    return list(Run.objects.filter(id__in=runs).values_list("id", "last_seq"))


_BOARDS: WeakKeyDictionary[asyncio.AbstractEventLoop, Switchboard] = WeakKeyDictionary()


def switchboard() -> Switchboard:
    """Returns the one of the running event loop."""
    loop = asyncio.get_running_loop()
    return _BOARDS.setdefault(loop, Switchboard())
