"""Running parts of a flow by hand. If these fail, people wait for what they know, or are never asked."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def look(page: Page, name: str) -> None:
    """Keeps a picture for whoever wants to look, in ``SHOTS``."""
    if folder := os.environ.get("SHOTS"):
        page.wait_for_timeout(300)
        page.screenshot(path=Path(folder) / f"{name}.png")


def _edge(source: str, source_port: str, target: str, target_port: str) -> dict[str, str]:
    return {"source": source, "source_port": source_port, "target": target, "target_port": target_port}


@pytest.fixture
def flow(api: httpx.Client) -> dict[str, Any]:
    """A list, a warp over it, a form, an approval, and an output for each way."""
    body = {
        "nodes": {
            "turn": {"kind": "body_input", "settings": {}},
            "line": {"kind": "prompt", "settings": {"template": "Dear {name}"}},
            "back": {"kind": "body_output", "settings": {}},
        },
        "edges": {
            "a": _edge("turn", "value", "line", "name"),
            "b": _edge("line", "output", "back", "value"),
        },
    }
    nodes = {
        "names": {"kind": "text", "settings": {"text": "Ann\nBob\nCid"}},
        "letters": {"kind": "warp", "settings": {"lines": True}, "body": body},
        "form": {
            "kind": "human_input",
            "title": "Sender",
            "settings": {
                "message": "Who **signs** these letters?",
                "fields": [
                    {"name": "sender", "title": "Sender"},
                    {"name": "copies", "title": "Copies", "type": "number", "default": 1},
                ],
            },
        },
        "check": {"kind": "approval", "title": "Check", "settings": {"message": "Send them?"}},
        "sent": {"kind": "output", "title": "Sent", "settings": {"name": "sent"}},
        "kept": {"kind": "output", "title": "Kept", "settings": {"name": "kept"}},
    }
    edges = {
        "a": _edge("names", "output", "letters", "items"),
        "b": _edge("letters", "output", "form", "value"),
        "c": _edge("form", "sender", "check", "value"),
        "d": _edge("check", "approved", "sent", "value"),
        "e": _edge("check", "rejected", "kept", "value"),
    }
    places = {
        "names": (0, 0), "letters": (320, -20), "form": (960, 0), "check": (1280, 0),
        "sent": (1600, -60), "kept": (1600, 120), "turn": (20, 60), "line": (240, 60), "back": (460, 60),
    }  # fmt: skip
    document = {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {"nodes": nodes, "edges": edges},
        "ui": {"positions": {name: {"x": x, "y": y} for name, (x, y) in places.items()}, "groups": {}},
    }
    reply = api.post("flows", json={"name": "Letters", "document": document})
    assert reply.status_code == 201, reply.text
    return dict(reply.json())


def node(page: Page, name: str) -> Any:
    """Returns the card of a node."""
    return page.locator(f'.react-flow__node[data-id="{name}"]')


def state(page: Page, name: str, wanted: str) -> None:
    """Waits until a card shows a state."""
    expect(node(page, name).locator("[data-run]").first).to_have_attribute("data-run", wanted)


def test_a_run_asks_on_the_canvas_and_goes_on_from_where_it_was(
    open_page: Callable[..., Page], api: httpx.Client, flow: dict[str, Any]
) -> None:
    page = open_page(f"/flows/{flow['id']}")
    expect(page.locator(".react-flow__node")).to_have_count(9)
    page.keyboard.press("Control+Enter")
    question = page.get_by_role("region", name="A question of the run")
    expect(question).to_contain_text("Who signs these letters?")
    look(page, "form")
    page.reload()  # The run waits in the database, not in the page.
    question.get_by_role("button", name="Send").click()
    expect(question).to_contain_text("has to be filled in")
    question.get_by_label("Sender").fill("Zoe")
    question.get_by_role("button", name="Send").click()
    expect(question).to_contain_text("Send them?")
    look(page, "approval")
    question.get_by_role("button", name="Approve").click()
    state(page, "sent", "succeeded")
    state(page, "kept", "skipped")

    # The rounds of the warp, one after the other.
    node(page, "line").click()
    page.get_by_role("tab", name="Last run").click()
    panel = page.get_by_role("complementary", name="Panel of the node")
    expect(panel).to_contain_text("Dear Cid")
    panel.get_by_role("button", name="The turn before").click()
    expect(panel).to_contain_text("Dear Bob")
    look(page, "rounds")

    # What if somebody else had signed?
    node(page, "form").locator("header").click()
    panel.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="What if it had given…").click()
    panel.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text('{"sender": "Max"}')
    look(page, "what-if")
    panel.get_by_role("button", name="Run on from here").click()
    expect(question).to_contain_text("Max")
    question.get_by_role("button", name="Reject").click()
    state(page, "kept", "succeeded")
    runs = api.get("runs", params={"flow": flow["id"]}).json()["results"]
    assert [run["from_run"] for run in runs] == [runs[1]["id"], None]


def test_one_node_runs_a_pin_stands_in_and_a_breakpoint_pauses(
    open_page: Callable[..., Page], api: httpx.Client, flow: dict[str, Any]
) -> None:
    page = open_page(f"/flows/{flow['id']}")
    expect(page.locator(".react-flow__node")).to_have_count(9)
    node(page, "names").locator("header").click()
    page.keyboard.press("Shift+Enter")
    state(page, "names", "succeeded")
    expect(node(page, "letters").locator("[data-run]").first).not_to_be_visible(timeout=1)

    panel = page.get_by_role("complementary", name="Panel of the node")
    page.get_by_role("tab", name="Last run").click()
    panel.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Pin a value of your own…").click()
    panel.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text('{"output": "Eve"}')
    panel.get_by_role("button", name="Pin", exact=True).click()
    expect(node(page, "names").get_by_label("Its output is pinned")).to_be_visible()
    look(page, "pinned")

    node(page, "form").locator("header").click()
    page.keyboard.press("F9")
    expect(node(page, "form").get_by_label("Pauses before this node")).to_be_visible()
    page.keyboard.press("Control+Enter")
    question = page.get_by_role("region", name="A question of the run").first
    expect(question).to_contain_text("Paused before this node")
    expect(question.get_by_label("Its inputs")).to_have_value('{\n  "value": [\n    "Dear Eve"\n  ]\n}')
    look(page, "breakpoint")
    question.get_by_role("button", name="Continue").click()
    expect(question).to_contain_text("Who signs these letters?")
    page.get_by_role("button", name="Stop").click()
    state(page, "form", "cancelled")
    page.get_by_role("button", name="Resume the run where it failed").click()
    expect(question).to_contain_text("Paused before this node")
    expect(node(page, "letters").get_by_label("From an earlier run").first).to_be_visible()
