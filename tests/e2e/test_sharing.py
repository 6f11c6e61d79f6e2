"""A published flow meets others. If this fails, links, frames in other sites or tools lead nowhere."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
from flowloft.core.context import Connection, Context
from flowloft.core.mcp import McpServer
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import Studio

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

DOCUMENT = {
    "schema": "flowloft/flow",
    "schema_version": 1,
    "kind": "flow",
    "graph": {
        "nodes": {
            "ask": {
                "kind": "chat_input",
                "settings": {
                    "greeting": "Ask me for an echo.",
                    "suggestions": ["Hello there"],
                    "files": "documents",
                },
            },
            "echo": {"kind": "prompt", "settings": {"template": "Echo: **{text}**"}},
            "say": {"kind": "chat_output"},
        },
        "edges": {
            "a": {"source": "ask", "source_port": "text", "target": "echo", "target_port": "text"},
            "b": {"source": "echo", "source_port": "output", "target": "say", "target_port": "text"},
        },
    },
}


def look(page: Page, name: str) -> None:
    """Keeps a picture for whoever wants to look, in ``SHOTS``."""
    if folder := os.environ.get("SHOTS"):
        page.wait_for_timeout(300)
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.fixture
def site() -> Iterator[tuple[str, list[str]]]:
    """A site of somebody else's; what it shows is the last of the list."""
    pages = [""]

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!doctype html><h1>A shop</h1>{pages[-1]}".encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", pages
    server.shutdown()


def test_a_published_flow_is_talked_with_by_link_and_in_the_frame_of_a_named_site(
    open_page: Callable[..., Page],
    browser: Browser,
    api: httpx.Client,
    studio: Studio,
    site: tuple[str, list[str]],
) -> None:
    flow = api.post("flows", json={"name": "Echo for others", "document": DOCUMENT}).json()["id"]
    page = open_page(f"/flows/{flow}")
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    page.get_by_role("dialog").get_by_role("button", name="Share…").click()
    dialog = page.get_by_role("dialog", name="Share")
    dialog.get_by_role("switch", name="Anybody with the link").click()
    link = dialog.locator("a[href*='/s/']").get_attribute("href")
    assert link

    # Somebody without an account.
    context = browser.new_context(locale="en-US")
    guest = context.new_page()
    guest.goto(link)
    expect(guest.get_by_role("heading", name="Echo for others")).to_be_visible()
    expect(guest.get_by_text("Ask me for an echo.")).to_be_visible()
    look(guest, "shared-welcome")
    guest.get_by_role("button", name="Hello there").click()
    log = guest.get_by_role("log")
    expect(log.locator("strong")).to_have_text("Hello there")
    expect(guest.get_by_role("link", name="How it came about")).to_have_count(0)
    guest.reload()  # It is found again in this browser.
    expect(log.locator("strong")).to_have_text("Hello there")
    guest.get_by_role("button", name="Ask again").click()
    expect(guest.get_by_role("button", name="The version before")).to_be_enabled()

    # What is attached goes along, and what is thought of an answer reaches the owner.
    guest.locator("input[type=file]").set_input_files(
        [{"name": "list.txt", "mimeType": "text/plain", "buffer": b"Eggs."}]
    )
    expect(guest.get_by_role("list", name="Attached files")).to_contain_text("list.txt")
    guest.get_by_label("Message", exact=True).fill("with a list")
    guest.get_by_role("button", name="Send").click()
    expect(log.locator("strong").last).to_have_text("with a list")
    attached = guest.get_by_role("list", name="Attached files").get_by_role("link").get_attribute("href")
    assert guest.request.get(f"{studio.url}{attached}").text() == "Eggs."
    # Nothing is thought of an answer that is still being given, so not just any of the buttons.
    log.get_by_role("article", name="Answer").last.get_by_role("button", name="Bad answer").click()
    asked = guest.get_by_role("form", name="What was wrong?")
    asked.get_by_text("Something is missing").click()
    asked.get_by_role("button", name="Save").click()
    expect(asked).to_be_hidden()
    look(guest, "shared-chat")
    (thought,) = api.get(f"flows/{flow}/feedback").json()["results"]
    assert (thought["reason"], thought["visitor"], thought["answer"]) == (
        "incomplete",
        True,
        "Echo: **with a list**",
    )

    # In a frame: only where its owner has named the site.
    sites = dialog.get_by_label("In a page of your own")
    sites.fill(site[0])
    sites.press("Enter")
    snippet = dialog.locator("code").filter(has_text="<iframe").text_content()
    assert snippet
    look(page, "share-dialog")
    site[1].append(snippet)
    guest.goto(site[0])
    frame = guest.frame_locator("iframe")
    frame.get_by_label("Message", exact=True).fill("from the shop")
    frame.get_by_role("button", name="Send").click()
    expect(frame.get_by_role("log").locator("strong").last).to_have_text("from the shop")
    look(guest, "shared-frame")
    guest.goto(site[0].replace("127.0.0.1", "localhost"))  # Another site to a browser.
    expect(frame.get_by_label("Message", exact=True)).to_have_count(0)

    # A program gets a key that opens this flow and nothing else, until it is withdrawn.
    dialog.get_by_label("Name of a new key").fill("an assistant")
    dialog.get_by_role("button", name="Create").click()
    key = dialog.get_by_role("status").locator("code").inner_text()
    look(page, "share-key")

    def status(path: str) -> int:
        asking = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.post(
            f"{studio.url}/api/v1/{path}", json=asking, headers=headers, trust_env=False
        ).status_code

    assert (status(f"flows/{flow}/mcp"), status("flows")) == (200, 401)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLOWLOFT_ALLOW_PRIVATE_HOSTS", "127.0.0.1")
        tools = McpServer(
            Context(),
            f"{studio.url}/api/v1/flows/{flow}/mcp",
            key=Connection("web_service", "flowloft", api_key=key),
        )
        (tool,) = tools.tools()
        assert "from a tool" in str(tools.call(tool.name, {"text": "from a tool"}))
    dialog.get_by_role("button", name="Revoke an assistant").click()
    page.get_by_role("dialog", name="Revoke “an assistant”?").get_by_role("button", name="Revoke").click()
    expect(dialog.get_by_text("an assistant")).to_have_count(0)
    assert status(f"flows/{flow}/mcp") == 401

    # Closed again.
    dialog.get_by_role("switch", name="Anybody with the link").click()
    expect(dialog.locator("a[href*='/s/']")).to_have_count(0)
    guest.goto(link)
    expect(guest.get_by_role("heading", name="This link leads nowhere any more")).to_be_visible()
    look(guest, "shared-closed")
    context.close()
