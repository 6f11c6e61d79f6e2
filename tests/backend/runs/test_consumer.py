"""The socket that pages follow runs on. If these fail, a page misses events or sees another's run."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.testing import WebsocketCommunicator

from backend.accounts.services import token_create
from backend.config.asgi import application
from backend.runs import bell
from backend.runs.models import Run
from backend.runs.services import run_cancel
from backend.runs.tail import ended
from backend.runs.worker import run_work
from tests.backend.runs.conftest import ECHO

pytestmark = pytest.mark.django_db(transaction=True)

HOST = (b"host", b"localhost:8760")


async def bearer(user: Any) -> tuple[bytes, bytes]:
    _, token = await sync_to_async(token_create)(owner=user, name="t")
    return b"authorization", f"Bearer {token}".encode()


@asynccontextmanager
async def page(
    path: str, *headers: tuple[bytes, bytes], subprotocols: list[str] | None = None
) -> AsyncIterator[WebsocketCommunicator]:
    socket = WebsocketCommunicator(application, path, [HOST, *headers], subprotocols)
    connected, _ = await socket.connect()
    assert connected
    yield socket
    await socket.disconnect()


async def until_closed(socket: WebsocketCommunicator) -> tuple[list[dict[str, Any]], int]:
    events: list[dict[str, Any]] = []
    while True:
        found = await socket.receive_output(5)
        if found["type"] == "websocket.close":
            return events, int(found["code"])
        events += json.loads(found["text"])


async def test_replay_from_every_seq(started: Callable[..., Run], owner: Any) -> None:
    run = await sync_to_async(started)(ECHO, text="x")
    await sync_to_async(run_work)(run_id=run.id)
    me = await bearer(owner)
    async with page(f"/ws/runs/{run.id}", me) as socket:
        whole, code = await until_closed(socket)
    assert (code, whole[-1]["type"]) == (1000, "run.succeeded")
    assert [event["seq"] for event in whole] == list(range(1, len(whole) + 1))
    for after in (1, len(whole) - 1, len(whole), len(whole) + 50):
        async with page(f"/ws/runs/{run.id}?after={after}", me) as socket:
            assert await until_closed(socket) == (whole[after:], 1000)


async def test_two_pages_follow_and_a_third_comes_late(started: Callable[..., Run], owner: Any) -> None:
    run = await sync_to_async(started)(ECHO, text="x")
    me = await bearer(owner)
    async with page(f"/ws/runs/{run.id}", me) as one, page(f"/ws/runs/{run.id}", me) as two:
        for socket in (one, two):
            assert json.loads(await socket.receive_from(5))[0]["type"] == "run.queued"
        await sync_to_async(run_cancel)(run=run)
        async with page(f"/ws/runs/{run.id}", me) as three:
            late = await until_closed(three)
        rest = await until_closed(one), await until_closed(two)
    assert [event["type"] for event in late[0]] == ["run.queued", "run.cancelling", "run.cancelled"]
    assert rest == ((late[0][1:], 1000), (late[0][1:], 1000))


async def test_a_token_as_subprotocol(started: Callable[..., Run], owner: Any) -> None:
    run = await sync_to_async(started)(ECHO, text="x")
    _, value = await bearer(owner)
    token = value.decode().removeprefix("Bearer ")
    async with page(f"/ws/runs/{run.id}", subprotocols=[f"bearer.{token}"]) as socket:
        assert json.loads(await socket.receive_from(5))[0]["type"] == "run.queued"


async def test_who_is_turned_away(started: Callable[..., Run], owner: Any, stranger: Any) -> None:
    run = await sync_to_async(started)(ECHO, text="x")
    me, other = await bearer(owner), await bearer(stranger)
    foreign = (b"origin", b"http://evil.example")
    neighbour = (b"origin", b"http://localhost:9999")
    refused: list[tuple[str, tuple[tuple[bytes, bytes], ...], int]] = [
        (f"/ws/runs/{run.id}", (), 4401),
        (f"/ws/runs/{run.id}", ((b"authorization", b"Bearer wrong"),), 4401),
        (f"/ws/runs/{run.id}", (me, foreign), 4403),
        (f"/ws/runs/{run.id}", (me, neighbour), 4403),
        (f"/ws/runs/{run.id}", (other,), 4404),
        ("/ws/runs/00000000-0000-4000-8000-000000000000", (me,), 4404),
        (f"/ws/runs/{run.id}?after=x", (me,), 4400),
        (f"/ws/runs/{run.id}?after=99999999999999", (me,), 4400),
    ]
    for path, headers, code in refused:
        async with page(path, *headers) as socket:
            assert await until_closed(socket) == ([], code), path


async def test_who_waits_outlasts_who_waited_first(
    started: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both wait from threads, as requests do; the second hears no bell and is told by the database."""
    first, second = [await sync_to_async(started)(ECHO, text="x") for _ in range(2)]
    monkeypatch.setattr(bell, "ring", lambda batches: None)

    def wait(run: Run) -> bool:
        return async_to_sync(ended)(run.id, 30)

    waiting = [
        asyncio.create_task(sync_to_async(wait, thread_sensitive=False)(run)) for run in (first, second)
    ]
    for run, task in zip((first, second), waiting, strict=True):
        await asyncio.sleep(0.1)
        await sync_to_async(run_cancel)(run=run)
        assert await task
