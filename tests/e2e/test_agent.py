"""An agent is drawn, gets a tool by dropping a node into it, and uses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.drawn import draft, until_saved, until_still

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SETTINGS = {
    "strategy": "react",
    "thinks": False,
    "rounds": 2,
    "direct": ["shout"],
    "examples": [
        {"question": "Say cat loudly.", "tool": "shout", "arguments": '{"text": "cat"}'},
        {"question": "Say rain loudly.", "tool": "shout", "arguments": '{"text": "rain"}'},
    ],
}


def test_a_node_dropped_into_an_agent_is_a_tool_that_it_uses(
    open_page: Callable[..., Page], api: httpx.Client
) -> None:
    wires = {
        "a": {"source": "ask", "source_port": "text", "target": "agent_1", "target_port": "messages"},
        "b": {"source": "agent_1", "source_port": "output", "target": "say", "target_port": "text"},
    }
    nodes = {"ask": {"kind": "chat_input"}, "say": {"kind": "chat_output"}}
    nodes["agent_1"] = {"kind": "agent", "settings": SETTINGS, "body": {"nodes": {}, "edges": {}}}
    places = {"ask": {"x": 0, "y": 0}, "agent_1": {"x": 320, "y": 0}, "say": {"x": 760, "y": 0}}
    frame = {"schema": "flowloft/flow", "schema_version": 1, "kind": "flow"}
    document = {**frame, "graph": {"nodes": nodes, "edges": wires}, "ui": {"positions": places}}
    reply = api.post("flows", json={"name": "Loud", "document": document})
    assert reply.status_code == 201, reply.text
    flow: dict[str, Any] = reply.json()

    page = open_page(f"/flows/{flow['id']}")
    expect(page.locator(".react-flow__node")).to_have_count(3)
    until_still(page, page.locator(".react-flow__node"))
    page.get_by_placeholder("Search nodes").fill("function")
    agent = page.locator(".react-flow__node[data-id=agent_1]")
    box = agent.bounding_box()
    assert box is not None
    entry = page.locator("[draggable=true]").filter(has_text="Function").first
    entry.drag_to(agent, target_position={"x": box["width"] / 2, "y": box["height"] - 20}, force=True)
    until_saved(
        page,
        lambda: [
            one["kind"] for one in draft(api, flow)["graph"]["nodes"]["agent_1"]["body"]["nodes"].values()
        ],
        ["function"],
    )
    tool = page.locator(".react-flow__node[data-id=function_1]")
    expect(tool.locator(".react-flow__handle")).to_have_count(0)
    tool.click(position={"x": 40, "y": 12})
    page.get_by_label("Title of the node").fill("shout")
    page.keyboard.press("Enter")
    expect(tool).to_contain_text("Runs a Python function")
    until_saved(
        page,
        lambda: draft(api, flow)["graph"]["nodes"]["agent_1"]["body"]["nodes"]["function_1"].get("title"),
        "shout",
    )
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Chat", exact=True).click()
    box_of_chat = page.locator("[data-side] textarea").first
    box_of_chat.fill("Say horse loudly.")
    page.keyboard.press("Enter")
    expect(page.locator("[data-side]").get_by_text("HORSE", exact=True)).to_be_visible(timeout=30_000)
    tool.click(position={"x": 40, "y": 12})
    page.get_by_role("tab", name="Last run").click()
    inspector = page.get_by_label("Panel of the node")
    expect(inspector.get_by_text("HORSE", exact=True)).to_be_visible()
    run = api.get("runs", params={"flow": flow["id"]}).json()["results"][0]
    page.goto(f"/runs/{run['id']}")
    for step in ("Agent", "Agent: ask the model", "shout"):
        expect(page.get_by_role("button", name=step).first).to_be_visible()
