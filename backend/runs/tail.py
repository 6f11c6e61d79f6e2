"""The events of a run as they come: first from the log, then from the bell, gaps from the log."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress

from channels.db import database_sync_to_async

from backend.runs.log import lines_after
from backend.runs.models import Run
from backend.runs.states import TERMINAL
from backend.runs.switchboard import ACKNOWLEDGE, Mailbox, switchboard
from backend.runs.wire import Batch


async def tail(run_id: uuid.UUID, after: int) -> AsyncIterator[str]:
    """Yields JSON arrays of consecutive events behind ``after``; ends behind the terminal event.

    Args:
        after: The last ``seq`` that the listener has; one that has not been told yet counts as
            the newest.
    """
    with switchboard().listen(run_id) as box:
        with suppress(TimeoutError):
            await asyncio.wait_for(box.ready.wait(), ACKNOWLEDGE)
        last = min(after, await _last(run_id))
        async for batch in _from_log(run_id, last):
            yield batch.text
            last = batch.last
            if batch.ended:
                return
        if await _over(run_id, last):
            return
        async for batch in _follow(box, run_id, last):
            yield batch.text


async def _follow(box: Mailbox, run_id: uuid.UUID, last: int) -> AsyncIterator[Batch]:
    while True:
        news = await box.get()
        if news.last <= last:
            continue
        fits = news.first == last + 1 and news.text
        for batch in [news] if fits else [found async for found in _from_log(run_id, last)]:
            yield batch
            last = batch.last
            if batch.ended:
                return


async def _from_log(run_id: uuid.UUID, after: int) -> AsyncIterator[Batch]:
    while batch := await _read(run_id, after):
        yield batch
        after = batch.last
        if batch.ended:
            return


async def ended(run_id: uuid.UUID, seconds: float) -> bool:
    """Waits for the end of a run, at most so long; returns whether it has come."""
    try:
        async with asyncio.timeout(seconds):
            async for _ in tail(run_id, 0):
                pass
    except TimeoutError:
        return False
    return True


async def server_sent(run_id: uuid.UUID, after: int) -> AsyncIterator[bytes]:
    """The same as server-sent events, each with its ``seq`` as id."""
    yield b": the events of a run\n\n"
    async for text in tail(run_id, after):
        for event in json.loads(text):
            data = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
            yield f"id: {event['seq']}\nevent: {event['type']}\ndata: {data}\n\n".encode()


@database_sync_to_async
def _read(run_id: uuid.UUID, after: int) -> Batch | None:
    return lines_after(run_id=run_id, after=after)


@database_sync_to_async
def _last(run_id: uuid.UUID) -> int:
    return Run.objects.filter(id=run_id).values_list("last_seq", flat=True).first() or 0


@database_sync_to_async
def _over(run_id: uuid.UUID, told: int) -> bool:
    """Says whether nothing will follow; an end that came since the log was read is still to be told."""
    found = Run.objects.filter(id=run_id).values_list("status", "last_seq").first()
    return found is None or (found[0] in TERMINAL and found[1] <= told)
