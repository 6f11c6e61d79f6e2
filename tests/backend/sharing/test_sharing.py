"""Links to published flows. If these fail, visitors see what is not theirs, or any site frames a chat."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from rest_framework.test import APIClient

from backend.flows.services import draft_save, version_publish
from backend.runs.models import Run
from backend.runs.worker import run_work
from backend.sharing.models import FlowKey
from tests.backend.runs.conftest import flow_of, graph, kinds
from tests.backend.runs.test_consumer import page, until_closed

__all__ = ["flow_of", "kinds"]

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "Never tell that the launch is in May."
TALK = graph(
    {
        "ask": {"kind": "chat_input", "settings": {"greeting": "Hello", "suggestions": ["Why?"]}},
        "inside": {"kind": "prompt", "settings": {"template": SECRET + " {text}"}},
        "trail": {"kind": "output", "settings": {"name": "trail"}},
        "say": {"kind": "chat_output"},
    },
    ("ask", "text", "say", "text"),
    ("ask", "text", "inside", "text"),
    ("inside", "output", "trail", "value"),
)
BROKEN = graph(
    {"ask": {"kind": "chat_input"}, "bad": {"kind": "break"}, "say": {"kind": "chat_output"}},
    ("ask", "text", "bad", "after"),
    ("bad", "output", "say", "text"),
)


@pytest.fixture
def visitor() -> APIClient:
    """Somebody without an account."""
    return APIClient()


@pytest.fixture
def shared(api: Any, owner: Any, flow_of: Callable[..., Any]) -> Callable[..., Any]:
    """Publishes a flow and opens its link; returns the flow and the code."""

    def make(document: dict[str, Any] = TALK, **more: Any) -> tuple[Any, str]:
        flow = flow_of(document)
        version_publish(flow=flow, user=owner)
        flow.refresh_from_db()
        answer = api.patch(f"/api/v1/flows/{flow.id}/share", {"open": True, **more})
        assert answer.status_code == 200, answer.content
        return flow, answer.json()["code"]

    return make


def begin(visitor: APIClient, code: str) -> str:
    answer = visitor.post(f"/api/v1/shared/{code}/sessions")
    assert answer.status_code == 201, answer.content
    return f"/api/v1/shared/{code}/sessions/{answer.json()['id']}"


def say(visitor: APIClient, chat: str, text: str = "hi", **more: Any) -> dict[str, Any]:
    answer = visitor.post(f"{chat}/messages", {"text": text, **more}, format="json")
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def test_a_visitor_talks_with_the_published_version_and_sees_nothing_else(
    api: Any, owner: Any, visitor: APIClient, shared: Callable[..., Any]
) -> None:
    flow, code = shared()
    draft_save(flow=flow, user=owner, revision=1, document=BROKEN)
    facts = visitor.get(f"/api/v1/shared/{code}")
    assert facts.json()["name"] == "A flow"
    assert facts.json()["document"]["graph"]["nodes"]["ask"]["settings"] == {
        "greeting": "Hello",
        "suggestions": ["Why?"],
    }
    chat = begin(visitor, code)
    first = say(visitor, chat)
    run_work(run_id=first["run_id"])
    again = say(visitor, chat, "hi there", instead_of=first["id"])
    run_work(run_id=again["run_id"])
    told = visitor.get(f"{chat}/messages")
    assert [one["text"] for one in told.json()["results"]] == ["hi", "hi", "hi there", "hi there"]
    assert visitor.patch(chat, {"head": first["id"]}, format="json").json()["head"] == first["id"]
    for seen in (facts, told):
        assert SECRET not in seen.content.decode()
    # It is the owner's run, and none of the owner's own chats.
    assert [one["origin"] for one in api.get("/api/v1/runs").json()["results"]] == ["shared", "shared"]
    assert api.get(f"/api/v1/flows/{flow.id}/sessions").json()["results"] == []


async def test_what_streams_to_a_visitor_is_the_answer_only(
    visitor: APIClient, shared: Callable[..., Any]
) -> None:
    _, code = await sync_to_async(shared)()
    chat = await sync_to_async(begin)(visitor, code)
    run_id = (await sync_to_async(say)(visitor, chat))["run_id"]
    await sync_to_async(run_work)(run_id=run_id)
    async with page(f"{chat.replace('/api/v1', '/ws')}/runs/{run_id}") as socket:
        events, closed = await until_closed(socket)
    assert closed == 1000
    assert events[-1] | {"at": 0} == {
        "seq": events[-1]["seq"], "at": 0, "type": "run.succeeded", "outputs": {"text": "hi"},
    }  # fmt: skip
    assert SECRET not in json.dumps(events)
    assert {one.get("node_id") for one in events} == {None, "ask", "say"}
    assert not any(one.get("inputs") for one in events)
    stranger = f"/ws/shared/{code}/sessions/00000000-0000-4000-8000-000000000000/runs/{run_id}"
    async with page(stranger) as socket:
        assert await until_closed(socket) == ([], 4404)


async def test_why_an_answer_failed_stays_in_the_studio(
    visitor: APIClient, shared: Callable[..., Any]
) -> None:
    _, code = await sync_to_async(shared)(BROKEN)
    chat = await sync_to_async(begin)(visitor, code)
    run_id = (await sync_to_async(say)(visitor, chat))["run_id"]
    await sync_to_async(run_work)(run_id=run_id)
    async with page(f"{chat.replace('/api/v1', '/ws')}/runs/{run_id}") as socket:
        events, _ = await until_closed(socket)
    assert events[-1]["error"]["code"] == "answer_failed"
    assert "bug" not in json.dumps(events)
    assert "nothing" not in json.dumps(events)


def test_a_link_that_is_closed_renewed_or_made_up_leads_nowhere(
    api: Any, stranger_api: Any, visitor: APIClient, shared: Callable[..., Any]
) -> None:
    flow, code = shared()
    chat = begin(visitor, code)
    address = f"/api/v1/flows/{flow.id}/share"
    _, other = shared()
    foreign = chat.replace(code, other)
    assert visitor.get(foreign).status_code == 404
    assert visitor.post(f"{foreign}/messages", {"text": "x"}, format="json").status_code == 404
    assert visitor.get("/api/v1/shared/no-such-code").status_code == 404
    assert visitor.get(address).status_code == 401
    assert stranger_api.patch(address, {"open": True}).status_code == 404
    api.patch(address, {"open": False})
    assert visitor.get(f"/api/v1/shared/{code}").status_code == 404
    assert visitor.get(f"{chat}/messages").status_code == 404
    api.patch(address, {"open": True})
    assert visitor.get(f"{chat}/messages").status_code == 200
    renewed = api.post(address).json()["code"]
    assert renewed != code
    assert visitor.get(f"/api/v1/shared/{code}").status_code == 404
    assert visitor.get(chat.replace(code, renewed)).status_code == 404


def test_one_link_is_not_asked_without_measure(
    visitor: APIClient, shared: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, code = shared()
    monkeypatch.setattr("backend.sharing.services.AT_ONCE", 1)
    say(visitor, begin(visitor, code))
    refused = visitor.post(f"{begin(visitor, code)}/messages", {"text": "x"}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    codes = {visitor.post(f"/api/v1/shared/{code}/sessions").status_code for _ in range(40)}
    assert 429 in codes


def test_nothing_is_shared_that_is_not_published(api: Any, flow_of: Callable[..., Any]) -> None:
    refused = api.patch(f"/api/v1/flows/{flow_of(TALK).id}/share", {"open": True})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_published")


def test_only_named_sites_may_frame_the_chat(api: Any, shared: Callable[..., Any]) -> None:
    flow, code = shared(origins=["https://Shop.example/path", "http://localhost:8080"])
    browser = Client()
    framed = browser.get(f"/embed/{code}")
    assert framed.headers["Content-Security-Policy"].endswith(
        "frame-ancestors http://localhost:8080 https://shop.example"
    )
    assert "X-Frame-Options" not in framed.headers
    for path in ("/embed/no-such-code", f"/s/{code}", "/"):
        assert "frame-ancestors 'none'" in browser.get(path).headers["Content-Security-Policy"], path
    for bad in ("*", "https://a.example; script-src *", "javascript:alert(1)", "https://u@a.example", "a b"):
        refused = api.patch(f"/api/v1/flows/{flow.id}/share", {"origins": [bad]})
        assert (refused.status_code, refused.json()["extra"]["path"]) == (400, "/origins/0"), bad
    api.patch(f"/api/v1/flows/{flow.id}/share", {"open": False})
    assert "frame-ancestors 'none'" in browser.get(f"/embed/{code}").headers["Content-Security-Policy"]


def test_a_published_flow_is_a_tool_of_other_programs(
    api: Any, stranger_api: Any, shared: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = {
        "a": {"kind": "input", "settings": {"name": "city"}},
        "b": {"kind": "output", "settings": {"name": "found"}},
    }
    flow, _ = shared(graph(nodes, ("a", "output", "b", "value")))
    address = f"/api/v1/flows/{flow.id}/mcp"

    async def at_once(run_id: Any, seconds: float) -> bool:
        await sync_to_async(run_work)(run_id=run_id)
        return True

    monkeypatch.setattr("backend.sharing.tool.ended", at_once)

    def ask(method: str, **params: Any) -> dict[str, Any]:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        answer = api.post(address, body, HTTP_ACCEPT="application/json, text/event-stream")
        assert answer.status_code == 200, answer.content
        return dict(json.loads(answer.content)["result"])

    hello = ask(
        "initialize",
        protocolVersion="2025-06-18",
        capabilities={},
        clientInfo={"name": "a program", "version": "1"},
    )
    assert "tools" in hello["capabilities"]
    (tool,) = ask("tools/list")["tools"]
    assert (tool["name"], tool["inputSchema"]["required"]) == ("A_flow", ["city"])
    found = ask("tools/call", name="A_flow", arguments={"city": "Oslo"})
    assert (found["structuredContent"], found.get("isError")) == ({"found": "Oslo"}, False)
    assert Run.objects.get().origin == "mcp"
    wrong = ask("tools/call", name="A_flow", arguments={})
    assert wrong["isError"]
    assert "city" in wrong["content"][0]["text"]
    assert stranger_api.post(address, {}).status_code == 404
    assert APIClient().post(address, {}, format="json").status_code == 401


def tools(key: str, flow: Any) -> int:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json, text/event-stream"}
    asked = APIClient().post(f"/api/v1/flows/{flow.id}/mcp", body, format="json", headers=headers)
    return int(asked.status_code)


def test_a_key_of_a_flow_opens_that_flow_as_a_tool_and_nothing_else(
    api: Any, stranger_api: Any, shared: Callable[..., Any]
) -> None:
    flow, _ = shared()
    other, _ = shared()
    address = f"/api/v1/flows/{flow.id}/keys"
    made = api.post(address, {"name": "an assistant"})
    key = made.json()["token"]
    assert tools(key, flow) == 200
    assert tools(key, other) == 401
    assert tools("flk_made-up", flow) == 401
    headers = {"Authorization": f"Bearer {key}"}
    for path in ("flows", f"flows/{flow.id}", f"flows/{flow.id}/keys", "runs", "tokens"):
        assert APIClient().get(f"/api/v1/{path}", headers=headers).status_code == 401, path
    stored = FlowKey.objects.get()
    assert key not in "".join(str(value) for value in vars(stored).values())
    assert stored.last_used_at is not None
    (listed,) = api.get(address).json()
    assert (listed["name"], listed["start"], "token" in listed) == ("an assistant", key[:8], False)
    assert stranger_api.get(address).status_code == 404
    assert stranger_api.post(address, {"name": "x"}).status_code == 404
    assert stranger_api.delete(f"{address}/{stored.id}").status_code == 404
    assert api.delete(f"/api/v1/flows/{other.id}/keys/{stored.id}").status_code == 404
    assert api.delete(f"{address}/{stored.id}").status_code == 204
    assert tools(key, flow) == 401


TAKES = graph(
    {"ask": {"kind": "chat_input", "settings": {"files": "documents"}}, "say": {"kind": "chat_output"}},
    ("ask", "text", "say", "text"),
)


def attach(visitor: APIClient, code: str, content: bytes = b"Eggs.", name: str = "list.txt") -> Any:
    return visitor.post(
        f"/api/v1/shared/{code}/files?name={name}", content, content_type="application/octet-stream"
    )


def test_a_visitor_attaches_what_the_flow_takes_and_reaches_no_other_file(
    api: Any, visitor: APIClient, shared: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    flow, code = shared(TAKES)
    assert visitor.get(f"/api/v1/shared/{code}").json()["document"]["graph"]["nodes"]["ask"]["settings"] == {
        "files": "documents"
    }
    sent = attach(visitor, code)
    assert sent.status_code == 201, sent.content
    file = sent.json()["ref"]
    chat = begin(visitor, code)
    first = say(visitor, chat, files=[file])
    assert first["files"] == [sent.json()]
    run_work(run_id=first["run_id"])
    assert api.get(f"/api/v1/runs/{first['run_id']}").json()["inputs"]["files"][0]["name"] == "list.txt"
    kept = visitor.get(f"/api/v1/shared/{code}/files/{file}")
    assert kept.status_code == 200
    assert kept.headers["Content-Security-Policy"] == "sandbox"

    # Neither a file of the owner's own nor one that came by another link.
    own = api.post("/api/v1/files?name=plan.txt", b"Mine.", content_type="application/octet-stream").json()
    _, other = shared(TAKES)
    foreign = attach(visitor, other).json()["ref"]
    for ref in (own["ref"], foreign):
        assert visitor.get(f"/api/v1/shared/{code}/files/{ref}").status_code == 404
        refused = visitor.post(f"{chat}/messages", {"text": "x", "files": [ref]}, format="json")
        assert refused.status_code == 404

    _, closed = shared()
    assert attach(visitor, closed).json()["code"] == "no_files_taken"
    assert attach(visitor, code, b"").json()["code"] == "no_file"
    monkeypatch.setattr("backend.files.services.LARGEST", 4)
    assert attach(visitor, code).status_code == 413
    monkeypatch.setattr("backend.sharing.services.FILES_KEPT", 4)
    assert attach(visitor, code).json()["code"] == "too_many_files"
    renewed = api.post(f"/api/v1/flows/{flow.id}/share").json()["code"]
    assert visitor.get(f"/api/v1/shared/{renewed}/files/{file}").status_code == 404
    assert attach(visitor, renewed, b"Egg").status_code == 201


def test_what_visitors_think_reaches_the_owner_and_is_learned_from_only_when_asked(
    api: Any, visitor: APIClient, shared: Callable[..., Any]
) -> None:
    flow, code = shared()
    chat = begin(visitor, code)
    run_work(run_id=say(visitor, chat)["run_id"])
    question, answer = visitor.get(f"{chat}/messages").json()["results"]
    address = f"/api/v1/shared/{code}/messages/{answer['id']}/feedback"
    _, other = shared()
    given = {"rating": "bad", "reason": "wrong", "correction": "Good morning."}
    assert visitor.put(address, given, format="json").status_code == 200
    assert visitor.put(address.replace(code, other), given, format="json").status_code == 404
    assert visitor.put(address.replace(answer["id"], question["id"]), given, format="json").status_code == 400
    assert visitor.get(f"{chat}/messages").json()["results"][1]["feedback"]["reason"] == "wrong"
    (thought,) = api.get(f"/api/v1/flows/{flow.id}/feedback").json()["results"]
    assert (thought["visitor"], thought["correction"]) == (True, "Good morning.")

    learned = f"/api/v1/flows/{flow.id}/feedback/dataset"
    assert api.post(learned, {"name": "Known people"}).json()["code"] == "no_feedback"
    assert api.post(learned, {"name": "Everybody", "visitors": True}).status_code == 201
    assert visitor.delete(address).status_code == 204
    assert api.get(f"/api/v1/flows/{flow.id}/feedback").json()["results"] == []
