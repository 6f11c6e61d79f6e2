"""Round about the flows: signing out, tokens, a narrow window, and runs where no WebSocket gets through."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import OWNER, PASSWORD, Studio

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_signing_out_ends_it_and_signing_in_leads_back(
    studio: Studio, browser: Browser, owner_state: dict[str, object]
) -> None:
    context = browser.new_context(base_url=studio.url, locale="en-US")
    page = context.new_page()
    page.goto("/runs")
    page.get_by_label("User name").fill(OWNER)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/runs")
    page.get_by_role("button", name="Account").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_label("User name")).to_be_visible()
    assert context.request.get("/api/v1/flows").status in (401, 403)
    page.goto("/settings")
    expect(page.get_by_label("User name")).to_be_visible()
    context.close()


def test_a_token_is_shown_once_works_and_can_be_revoked(
    open_page: Callable[..., Page], studio: Studio
) -> None:
    page = open_page("/settings")
    field = page.get_by_label("Name of a new token")
    field.fill("from a test")
    field.press("Enter")
    shown = page.get_by_role("status").locator("code").first
    expect(shown).to_be_visible()
    text = shown.inner_text().strip()

    def status() -> int:
        headers = {"Authorization": f"Bearer {text}"}
        return httpx.get(f"{studio.url}/api/v1/flows", headers=headers, trust_env=False).status_code

    assert status() == 200
    page.reload()
    expect(page.get_by_text("from a test").first).to_be_visible()
    assert text not in page.content()
    page.get_by_role("button", name="Revoke from a test").click()
    asked = page.get_by_role("dialog", name="Revoke “from a test”?")
    asked.get_by_role("button", name="Keep it").click()
    expect(asked).to_have_count(0)
    assert status() == 200
    page.get_by_role("button", name="Revoke from a test").click()
    asked.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("from a test")).to_have_count(0)
    assert status() == 401


def test_answers_come_where_no_websocket_gets_through(
    open_page: Callable[..., Page], api: httpx.Client
) -> None:
    document = {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {
            "nodes": {
                "ask": {"kind": "chat_input", "settings": {}},
                "say": {"kind": "prompt", "settings": {"template": "Without sockets, {text}"}},
                "answer": {"kind": "chat_output", "settings": {}},
            },
            "edges": {
                "a": {"source": "ask", "source_port": "text", "target": "say", "target_port": "text"},
                "b": {"source": "say", "source_port": "output", "target": "answer", "target_port": "text"},
            },
        },
    }
    flow = api.post("flows", json={"name": "No sockets", "document": document}).json()
    page = open_page("/")
    page.add_init_script(
        "window.WebSocket = class { constructor() { setTimeout(() => this.onclose?.({ code: 1006 })); }"
        " close() {} send() {} };"
    )
    page.goto(f"/flows/{flow['id']}/chat")
    page.get_by_label("Message", exact=True).fill("Ada")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Without sockets, Ada", timeout=20_000)


@pytest.mark.parametrize("path", ["/", "/runs", "/settings", "editor"])
def test_a_narrow_window_needs_no_sideways_scrolling(
    open_page: Callable[..., Page], api: httpx.Client, path: str
) -> None:
    if path == "editor":
        path = f"/flows/{api.post('flows', json={'template': 'routing'}).json()['id']}"
    page = open_page(path, viewport={"width": 420, "height": 800})
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 420, f"{path} is {wide} pixels wide"
    if "flows/" in path:
        run = page.get_by_role("button", name="Run", exact=True)
        expect(run).to_be_visible()
        box = run.bounding_box()
        assert box
        assert box["x"] + box["width"] <= 420
