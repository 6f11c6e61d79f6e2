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
from backend.runs.states import TERMINAL, Status
from backend.runs.switchboard import ACKNOWLEDGE, Mailbox, switchboard
from backend.runs.wire import Batch

PAGE = 500
"""Events read from the log at a time."""


async def tail(run_id: uuid.UUID, after: int) -> AsyncIterator[str]:
    """Yields JSON arrays of consecutive events behind ``after``; ends behind the terminal event.

    Args:
        after: The last ``seq`` that the listener has; one that has not been told yet counts as
            the newest.
    """
    with switchboard().listen(run_id) as box:
        await _heard(box)
        last, batch, over = await _open(run_id, after)
        while batch is not None:
            yield batch.text
            if batch.ended:
                return
            last = batch.last
            batch = await _read(run_id, last) if batch.last - batch.first + 1 >= PAGE else None
        if over:
            return
        async for news in _follow(box, run_id, last):
            yield news.text


async def _heard(box: Mailbox) -> None:
    """Waits until the bell is heard; the database tells what comes before."""
    with suppress(TimeoutError):
        await asyncio.wait_for(box.ready.wait(), ACKNOWLEDGE)


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
    """Waits until a run ends or waits for a person, at most so long; returns whether it does."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            with switchboard().listen(run_id) as box:
                await _heard(box)
                news = None
                while not ((news and _rests(news)) or await _over(run_id)):
                    news = await box.get()
                    while not _rests(news) and news.text:
                        news = await box.get()
        return True
    return False


def _rests(news: Batch) -> bool:
    return news.ended or '"type":"run.waiting"' in news.text


async def server_sent(run_id: uuid.UUID, after: int) -> AsyncIterator[bytes]:
    """The same as server-sent events, each with its ``seq`` as id."""
    yield b": the events of a run\n\n"
    async for text in tail(run_id, after):
        for event in json.loads(text):
            data = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
            yield f"id: {event['seq']}\nevent: {event['type']}\ndata: {data}\n\n".encode()


@database_sync_to_async
def _open(run_id: uuid.UUID, after: int) -> tuple[int, Batch | None, bool]:
    """Returns where a listener stands, the next events, and whether nothing will follow."""
    found = Run.objects.filter(id=run_id).values_list("status", "last_seq").first()
    if found is None:
        return after, None, True
    status, newest = found
    last = min(after, newest)
    batch = lines_after(run_id=run_id, after=last, limit=PAGE) if newest > last else None
    return last, batch, status in TERMINAL and batch is None


@database_sync_to_async
def _read(run_id: uuid.UUID, after: int) -> Batch | None:
    return lines_after(run_id=run_id, after=after, limit=PAGE)


@database_sync_to_async
def _over(run_id: uuid.UUID) -> bool:
    status = Run.objects.filter(id=run_id).values_list("status", flat=True).first()
    return status is None or status in TERMINAL or status == Status.WAITING
