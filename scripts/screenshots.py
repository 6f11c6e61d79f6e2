"""Makes docs/screenshots from a studio of its own: each view light in English and dark in Chinese.

.venv/bin/python scripts/screenshots.py [view ...]      needs chromium and built pages
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.browser import FLAGS
from benchmarks.studio_processes import ROOT, Studio

OUT = ROOT / "docs" / "screenshots"
LOOKS = {"light-en": ("light", "en-US"), "dark-zh": ("dark", "zh-CN")}
QUESTION = "Should every town have a library?"
PATIENCE = 120_000


def signed_in(context: BrowserContext, studio: Studio) -> Page:
    """Signs in as a page does."""
    token = context.request.get("/api/v1/session").json()["csrf_token"]
    context.request.post(
        "/api/v1/session",
        data={"username": "bench", "password": "a long enough pass phrase"},
        headers={"X-CSRFToken": token, "Origin": f"http://127.0.0.1:{studio.port}"},
    )
    return context.new_page()


def start(page: Page, flows: dict[str, str]) -> None:
    """The start page with flows and templates."""
    page.goto("/")
    expect(page.get_by_role("heading").first).to_be_visible()


def editor(page: Page, flows: dict[str, str]) -> None:
    """A flow that has just answered, its chat beside it."""
    page.goto(f"/flows/{flows['debate']}?chat=1")
    box = page.locator("[data-side] textarea").first
    box.fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".react-flow__node [data-run=running]").first).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".react-flow__node [data-run=running]")).to_have_count(0, timeout=PATIENCE)
    page.mouse.move(5, 5)


def inspector(page: Page, flows: dict[str, str]) -> None:
    """The settings of a node."""
    page.goto(f"/flows/{flows['routing']}")
    card = page.locator(".react-flow__node").nth(2)
    card.wait_for()
    page.wait_for_timeout(800)
    card.click(position={"x": 30, "y": 12})
    page.locator("aside").first.wait_for()


def run(page: Page, flows: dict[str, str]) -> None:
    """A run, step by step."""
    page.goto("/runs")
    page.locator("a[href^='/runs/']").first.click()
    page.wait_for_url(re.compile(r"/runs/[0-9a-f-]{36}"))


def chat(page: Page, flows: dict[str, str]) -> None:
    """The chat as a page of its own."""
    page.goto(f"/flows/{flows['debate']}/chat")


def exports(page: Page, flows: dict[str, str]) -> None:
    """What an export will hold, before it is made."""
    page.goto(f"/exports?flow={flows['story']}")
    page.get_by_role("dialog").get_by_role("status").wait_for()


def group(page: Page, flows: dict[str, str]) -> None:
    """Nodes in a group, and what several selected nodes offer."""
    page.goto(f"/flows/{flows['story']}")
    cards = page.locator(".react-flow__node")
    cards.first.wait_for()
    page.wait_for_timeout(800)
    page.keyboard.down("Shift")
    for place in (2, 3):
        cards.nth(place).click(position={"x": 60, "y": 12})
    page.keyboard.up("Shift")
    page.keyboard.press("Control+g")
    page.wait_for_timeout(300)
    page.keyboard.press("Enter")


def subflow(page: Page, flows: dict[str, str]) -> None:
    """A saved flow as a node of another, inside a third."""
    page.goto(f"/flows/{flows['around']}?via={flows['debate']}")
    card = page.locator(".react-flow__node").nth(1)
    card.wait_for()
    page.wait_for_timeout(800)
    card.click(position={"x": 60, "y": 12})


def versions(page: Page, flows: dict[str, str]) -> None:
    """Two versions on one drawing."""
    page.goto(f"/flows/{flows['routing']}")
    page.locator(".react-flow__node").first.wait_for()
    page.wait_for_timeout(500)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").last.wait_for()
    page.keyboard.type("versions" if page.evaluate("document.documentElement.lang") == "en" else "版本")
    page.keyboard.press("Enter")
    page.locator("[data-mark]").first.wait_for()


def share(page: Page, flows: dict[str, str]) -> None:
    """The ways to a published flow."""
    page.goto(f"/flows/{flows['routing']}")
    page.locator(".react-flow__node").first.wait_for()
    page.wait_for_timeout(500)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").last.wait_for()
    page.keyboard.type("share" if page.evaluate("document.documentElement.lang") == "en" else "分享")
    page.keyboard.press("Enter")
    switch = page.get_by_role("switch")
    switch.wait_for()
    if not switch.is_checked():
        switch.click()
        sites = page.locator(".mantine-TagsInput-root input").first
        sites.fill("https://www.example.org")
        sites.press("Enter")
    link = page.locator("a[href*='/s/']")
    link.wait_for()
    flows["link"] = str(link.get_attribute("href"))


def shared(page: Page, flows: dict[str, str]) -> None:
    """The chat of a published flow, for whoever has its link."""
    page.goto(flows["link"])
    box = page.locator("textarea").first
    box.fill("Is a cat a good pet for a small flat?")
    page.keyboard.press("Enter")
    page.locator("article[aria-busy=false], article:not([aria-busy])").first.wait_for(timeout=PATIENCE)


def commands(page: Page, flows: dict[str, str]) -> None:
    """Everything that can be done, under Ctrl+K."""
    page.goto(f"/flows/{flows['debate']}")
    page.locator(".react-flow__node").first.wait_for()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").last.wait_for()


def shortcuts(page: Page, flows: dict[str, str]) -> None:
    """Every key, each of which can be another."""
    page.goto(f"/flows/{flows['debate']}")
    page.locator(".react-flow__node").first.wait_for()
    page.locator(".react-flow__node").first.focus()
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()


def settings(page: Page, flows: dict[str, str]) -> None:
    """Connections, tokens, look."""
    page.goto("/settings")


VIEWS: dict[str, Callable[[Page, dict[str, str]], None]] = {
    view.__name__: view
    for view in (
        *(start, editor, inspector, group, subflow, versions),
        *(share, shared, commands, shortcuts, run, chat, exports, settings),
    )
}


def publish_two(studio: Studio, flow: str) -> None:
    """Gives a flow a version and a draft that differs from it."""
    studio.call("POST", f"/flows/{flow}/versions", {"message": "First"})
    document = studio.call("GET", f"/flows/{flow}/draft")["document"]
    nodes = document["graph"]["nodes"].values()
    prompt = next(node for node in nodes if isinstance(node["settings"].get("template"), str))
    prompt["settings"]["template"] += "\nAnswer in one line."
    document["graph"]["nodes"]["note_9"] = {
        "kind": "note",
        "settings": {"text": "To be tried with **long** texts."},
    }
    document["ui"]["positions"]["note_9"] = {"x": 40, "y": -180}
    copy = studio.call("POST", f"/flows/{flow}/copy", {"name": "Draft", "document": document})
    fresh = studio.call("GET", f"/flows/{copy['id']}/draft")["document"]
    studio.call("PUT", f"/flows/{flow}/draft", fresh, **{"If-Match": '"1"'})
    studio.call("DELETE", f"/flows/{copy['id']}")


def around(studio: Studio, flow: str) -> str:
    """Makes a flow that runs another as one of its steps."""
    text = [{"name": "text", "type": "text"}]
    settings = {"flow": flow, "flow_version": "published", "takes": text, "gives": text}
    wires = [("ask", "part"), ("part", "answer")]
    document = {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {
            "nodes": {
                "ask": {"kind": "chat_input", "settings": {}},
                "part": {"kind": "subflow", "title": "Routing by topic", "settings": settings},
                "answer": {"kind": "chat_output", "settings": {}},
            },
            "edges": {
                f"e{n}": {"source": one, "source_port": "text", "target": other, "target_port": "text"}
                for n, (one, other) in enumerate(wires)
            },
        },
        "ui": {"positions": {key: {"x": 320 * n, "y": 0} for n, key in enumerate(("ask", "part", "answer"))}},
    }
    made = studio.call("POST", "/flows", {"name": "Help desk", "document": document})
    return str(made["id"])


def small(picture: bytes, path: Path) -> None:
    """Writes a picture with as many colours as a page has."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(160, dither=Image.Dither.NONE).save(path, optimize=True)


def main(wanted: list[str]) -> int:
    """Makes the pictures named, or all."""
    OUT.mkdir(parents=True, exist_ok=True)
    studio = Studio()
    try:
        studio.start()
        studio.claim()
        with sync_playwright() as playwright:
            chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            flows = {
                key: studio.call("POST", "/flows", {"template": key})["id"]
                for key in ("routing", "story", "debate")
            }
            publish_two(studio, flows["routing"])
            flows["around"] = around(studio, flows["routing"])
            for look, (scheme, locale) in LOOKS.items():
                context = browser.new_context(
                    base_url=f"http://127.0.0.1:{studio.port}",
                    viewport={"width": 1440, "height": 900},
                    color_scheme=scheme,  # type: ignore[arg-type]
                    locale=locale,
                )
                page = signed_in(context, studio)
                for name, view in VIEWS.items():
                    if wanted and name not in wanted:
                        continue
                    view(page, flows)
                    page.wait_for_timeout(1500)
                    small(page.screenshot(), OUT / f"{name}-{look}.png")
                    print(f"wrote docs/screenshots/{name}-{look}.png")
                context.close()
            browser.close()
    finally:
        studio.remove()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
