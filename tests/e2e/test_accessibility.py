"""What people who see little, or use no mouse, need: axe on every page in both themes, and the keyboard."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.drawn import greeter

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
RUN = """async () => {
  const found = await axe.run(document, { resultTypes: ['violations'],
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });
  return found.violations.filter(one => ['serious', 'critical'].includes(one.impact))
    .flatMap(one => one.nodes.map(node => `${one.id}: ${node.target.join(' ')}: ${node.html.slice(0, 160)}`));
}"""
PATHS = sorted(
    re.search(r'^export const path = "([^"]+)"', file.read_text(), re.MULTILINE).group(1)  # type: ignore[union-attr]
    for file in (ROOT / "frontend" / "src" / "pages").glob("*.tsx")
)

BUNDLED = {
    "/knowledge/bundled/:set/documents/:document": "/knowledge/bundled/town-library/documents/borrowing.md"
}


def violations(page: Page) -> list[str]:
    """Returns what axe finds serious or worse."""
    page.evaluate(AXE)
    return list(page.evaluate(RUN))


@pytest.fixture(scope="module")
def ids(api: httpx.Client) -> dict[str, str]:
    """A flow with its link, a run of it and a knowledge base with a document, for addresses that name one."""
    flow = api.post("flows", json={"template": "routing"}).json()["id"]
    run = api.post(
        f"flows/{flow}/runs",
        json={"version": "draft", "inputs": {"text": "Cats?"}},
        headers={"Prefer": "wait=30"},
    ).json()
    assert api.post(f"flows/{flow}/versions", json={}).status_code == 201
    code = api.patch(f"flows/{flow}/share", json={"open": True}).json()["code"]
    base = api.post("knowledge", json={"name": "Read by all"}).json()["id"]
    text = {"name": "hours", "text": "# Hours\n\nThe library opens at nine.\n\n图书馆九点开门。"}
    document = api.post(f"knowledge/{base}/texts", json=text).json()["document"]["id"]
    rows = b"".join(b'{"question": "Is %d even?", "answer": "even"}\n' % number for number in range(3))
    raw = {"Content-Type": "application/octet-stream"}
    dataset = api.post("datasets?file_name=even.jsonl", content=rows, headers=raw).json()
    measure = {"flow": greeter(api)["id"], "dataset": dataset["versions"][0]["id"], "metric": "contains"}
    evaluation = api.post("evaluations", json=measure).json()["id"]
    grid = [{"node": "greeting", "field": "template", "values": ["{name}", "Is {name} even? even"]}]
    experiment = api.post("experiments", json=measure | {"grid": grid}).json()["id"]
    until = time.monotonic() + 60
    for path in (f"evaluations/{evaluation}", f"experiments/{experiment}"):
        while api.get(path).json()["state"] == "running" and time.monotonic() < until:
            time.sleep(0.2)
    return {
        "flows": flow,
        "evaluations": evaluation,
        "evaluations/compare": evaluation,
        "experiments": experiment,
        "runs": run["id"],
        "compare": run["id"],
        "knowledge": base,
        "documents": document,
        "s": code,
        "embed": code,
    }


def address(path: str, ids: dict[str, str]) -> str:
    """Fills the ids into the address of a page; the fixture makes what it names."""
    parts = BUNDLED.get(path, path).split("/")
    for at, part in enumerate(parts):
        if part.startswith(":"):
            parts[at] = ids.get(f"{parts[1]}/{parts[at - 1]}", ids[parts[at - 1]])
    return "/".join(parts).replace("*", "/no-such-page")


@pytest.mark.parametrize("path", PATHS)
def test_no_page_has_a_serious_barrier(
    open_page: Callable[..., Page], ids: dict[str, str], path: str
) -> None:
    page = open_page(address(path, ids))
    page.wait_for_load_state("networkidle")
    expect(page.locator("main, [role=main], form").first).to_be_visible()
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.wait_for_timeout(300)
        found += [f"{scheme}: {one}" for one in violations(page)]
    assert found == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_editor_at_work_has_no_serious_barrier(
    open_page: Callable[..., Page], ids: dict[str, str], scheme: str
) -> None:
    page = open_page(f"/flows/{ids['flows']}?chat=1", color_scheme=scheme)
    page.locator(".react-flow__node").filter(has_text="Topic").last.click(position={"x": 60, "y": 12})
    expect(page.get_by_role("complementary", name="Panel of the node")).to_be_visible()
    found = violations(page)
    page.keyboard.press("Escape")
    for chord, name in (("Control+k", "Search commands and nodes"), ("?", "Keyboard shortcuts")):
        page.locator(".react-flow__node").first.focus()
        page.keyboard.press(chord)
        expect(page.get_by_role("dialog", name=name)).to_be_visible()
        page.wait_for_timeout(400)
        found += violations(page)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name=name)).to_have_count(0)
    assert found == []


def test_a_flow_is_built_and_run_without_a_mouse(open_page: Callable[..., Page], api: httpx.Client) -> None:
    flow = api.post("flows", json={"name": "By keyboard"}).json()["id"]
    page = open_page(f"/flows/{flow}")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()
    said = page.locator(".visually-hidden[role=status]")
    for kind in ("chat input", "prompt", "chat output"):
        search(page)
        page.keyboard.type(f"Add {kind}")
        page.keyboard.press("Enter")
        expect(said).to_contain_text("Added", ignore_case=True)
        page.wait_for_timeout(150)
    nodes = api_nodes(api, flow, 3)
    prompt = next(key for key, node in nodes.items() if node["kind"] == "prompt")
    page.get_by_role("complementary", name="Panel of the node").get_by_role("button", name="Close").press(
        "Enter"
    )
    search(page)
    page.keyboard.type(prompt)
    page.keyboard.press("Enter")
    field = page.get_by_role("combobox", name="Template")
    field.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("Hello {{te")
    page.keyboard.press("Enter")
    expect(field).to_have_value("Hello {text}")
    page.keyboard.press("Escape")
    # A node between two others, and a wire drawn anew.
    page.locator(f"[data-id={prompt}]").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("i")
    page.keyboard.type("prompt")
    page.keyboard.press("Enter")
    api_nodes(api, flow, 4)
    page.keyboard.press("Escape")
    page.keyboard.press("Delete")
    api_nodes(api, flow, 3)
    page.locator(f"[data-id={prompt}]").focus()
    before = page.evaluate("document.activeElement.dataset.id")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("id => document.activeElement.dataset.id !== id", arg=before)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    page.keyboard.type("Ada")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Hello Ada", timeout=20_000)


def search(page: Page) -> None:
    """Opens the list of all that can be done."""
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Search commands and nodes")).to_be_focused()


def api_nodes(api: httpx.Client, flow: str, count: int) -> dict[str, Any]:
    """Waits until the draft has so many nodes."""
    for _ in range(60):
        nodes = dict(api.get(f"flows/{flow}/draft").json()["document"]["graph"]["nodes"])
        if len(nodes) == count:
            return nodes
        time.sleep(0.1)
    raise AssertionError(f"the draft has {len(nodes)} nodes")
