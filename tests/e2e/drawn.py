"""What journeys on the canvas share: flows to begin with, and what the server holds of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
from playwright.sync_api import Locator, Page, expect


def edge(source: str, source_port: str, target: str, target_port: str) -> dict[str, str]:
    """Returns a wire."""
    return {"source": source, "source_port": source_port, "target": target, "target_port": target_port}


def made(
    api: httpx.Client, name: str, nodes: dict[str, Any], *edges: tuple[str, str, str, str], **more: Any
) -> dict[str, Any]:
    """Saves a flow; returns what the server says of it."""
    wires = {f"e{at}": edge(*one) for at, one in enumerate(edges)}
    document = {"schema": "flowloft/flow", "schema_version": 1, "kind": "flow", **more}
    document["graph"] = {"nodes": nodes, "edges": wires}
    reply = api.post("flows", json={"name": name, "document": document})
    assert reply.status_code == 201, reply.text
    return dict(reply.json())


def greeter(api: httpx.Client) -> dict[str, Any]:
    """Saves a flow of three nodes: input, text, output."""
    nodes = {
        "question": {"kind": "chat_input", "settings": {}},
        "greeting": {"kind": "prompt", "settings": {"template": "Hello {name}!"}},
        "answer": {"kind": "chat_output", "settings": {}},
    }
    wires = [("question", "text", "greeting", "name"), ("greeting", "output", "answer", "text")]
    return made(api, "Greeter", nodes, *wires)


def draft(api: httpx.Client, flow: dict[str, Any]) -> dict[str, Any]:
    """Returns the saved document."""
    return dict(api.get(f"flows/{flow['id']}/draft").json()["document"])


def open_flow(open_page: Callable[..., Page], flow: dict[str, Any], count: int = 3) -> Page:
    """Opens the editor and waits for the canvas."""
    page = open_page(f"/flows/{flow['id']}")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()
    expect(page.locator(".react-flow__node")).to_have_count(count)
    return page


def node(page: Page, title: str) -> Locator:
    """Returns the card of a node."""
    return page.locator(".react-flow__node").filter(has_text=title).first


def until(page: Page, so: Callable[[], bool]) -> bool:
    """Waits until something is so; says whether it came to that."""
    for _ in range(300):
        if so():
            return True
        page.wait_for_timeout(100)
    return so()


def until_saved(page: Page, reply: Callable[[], Any], wanted: Any) -> None:
    """Waits until the server holds what is wanted."""
    until(page, lambda: reply() == wanted)
    assert reply() == wanted


def until_still(page: Page, what: Locator) -> None:
    """Waits until things stay where they are: what moves on the canvas glides."""
    seen: list[Any] = []

    def still() -> bool:
        seen.append([one.bounding_box() for one in what.all()])
        return len(seen) > 6 and all(one == seen[-1] for one in seen[-4:])

    assert until(page, still)


def newest_run(api: httpx.Client, page: Page, flow: str) -> dict[str, Any]:
    """Returns the newest run of a flow once it is over: its last word may be on the page before that."""
    (newest, *_) = api.get("runs", params={"flow": flow}).json()["results"]
    for _ in range(300):
        run = dict(api.get(f"runs/{newest['id']}").json())
        if run["finished_at"]:
            break
        page.wait_for_timeout(100)
    return run
