"""Who else has a flow open, as two pages hear of each other."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator

from backend.accounts.services import token_create
from backend.config.asgi import application
from backend.flows.services import flow_create

pytestmark = pytest.mark.django_db(transaction=True)


async def _page(flow_id: Any, user: Any) -> WebsocketCommunicator:
    _, secret = await sync_to_async(token_create)(owner=user, name="t")
    headers = [(b"host", b"localhost"), (b"authorization", f"Bearer {secret}".encode())]
    page = WebsocketCommunicator(application, f"/ws/flows/{flow_id}/here", headers)
    connected, _ = await page.connect()
    assert connected
    return page


async def _hears(page: WebsocketCommunicator) -> dict[str, Any]:
    return dict(json.loads(await page.receive_from(timeout=30)))


async def test_two_pages_on_one_flow_see_each_other_come_save_and_go(owner: Any) -> None:
    flow = await sync_to_async(flow_create)(owner=owner, name="Shared")
    one, other = await _page(flow.pk, owner), await _page(flow.pk, owner)
    assert (await _hears(one))["kind"] == "open"
    assert (await _hears(other))["kind"] == "open"
    await one.send_to(text_data=json.dumps({"kind": "here", "node": "prompt_1", "extra": "<script>"}))
    heard = await _hears(other)
    assert (heard["kind"], heard["node"], heard["name"]) == ("here", "prompt_1", owner.username)
    assert "extra" not in heard
    await one.send_to(text_data="nonsense")
    await one.send_to(text_data=json.dumps({"kind": "saved", "revision": 4}))
    assert (await _hears(other))["revision"] == 4
    await one.disconnect()
    assert await _hears(other) == {"kind": "gone", "from": heard["from"], "name": owner.username}
    await other.disconnect()


async def test_a_stranger_learns_nothing(owner: Any, stranger: Any) -> None:
    flow = await sync_to_async(flow_create)(owner=owner, name="Mine")
    page = await _page(flow.pk, stranger)
    assert await page.receive_output(timeout=30) == {"type": "websocket.close", "code": 4404}
