"""Who gets through to a WebSocket consumer, and as whom."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings
from django.test import Client

from backend.accounts.services import token_create
from backend.accounts.sockets import SocketGate

HOST = (b"host", b"localhost:8760")
OWN = (b"origin", b"http://localhost:8760")


async def says_who(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    user = scope["user"]
    await send({"type": "websocket.send", "text": user.username if user.is_authenticated else "nobody"})


async def ask(*headers: tuple[bytes, bytes], subprotocols: list[str] | None = None) -> str | int:
    socket = WebsocketCommunicator(SocketGate(says_who), "/ws/x", [HOST, *headers], subprotocols)
    await socket.connect()
    first = await socket.receive_output()
    return int(first["code"]) if first["type"] == "websocket.close" else str(first["text"])


@pytest.mark.django_db(transaction=True)
async def test_a_session_counts(owner: Any) -> None:
    client = Client()
    await sync_to_async(client.force_login)(owner)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}".encode()
    assert await ask(OWN, (b"cookie", cookie)) == "ada"


@pytest.mark.django_db(transaction=True)
async def test_a_token_counts_by_header_and_by_subprotocol(owner: Any) -> None:
    _, text = await sync_to_async(token_create)(owner=owner, name="t")
    assert await ask((b"authorization", f"Bearer {text}".encode())) == "ada"
    assert await ask(OWN, subprotocols=[f"bearer.{text}"]) == "ada"
    assert await ask((b"authorization", b"Bearer wrong")) == "nobody"


@pytest.mark.django_db(transaction=True)
async def test_nobody_is_nobody() -> None:
    assert await ask(OWN) == "nobody"
    assert await ask() == "nobody"


@pytest.mark.parametrize(
    "origin",
    [b"http://evil.example", b"http://localhost:9999", b"https://localhost:8760", b"null", b"http://[", b""],
)
async def test_a_foreign_page_is_turned_away(origin: bytes) -> None:
    assert await ask((b"origin", origin)) == 4403


async def test_a_foreign_host_is_turned_away() -> None:
    socket = WebsocketCommunicator(SocketGate(says_who), "/ws/x", [(b"host", b"evil.example")])
    await socket.connect()
    assert (await socket.receive_output())["code"] == 4403
