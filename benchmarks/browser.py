"""What a hand feels of the editor: ``python -m benchmarks browser``. A real browser, software rendering.

Needs Debian's chromium (or CHROMIUM=path) and built pages (`make run` or `npm run build`).
"""

from __future__ import annotations

import gzip
import os
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.studio_processes import ROOT, Studio

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
FLAGS += ["--disable-background-networking", "--disable-component-update"]
SIZES = {50: None, 200: 1.5, 1000: 5.0}
"""Nodes, and the seconds within which the flow has to be shown."""
COLUMNS = 25
FIRST_LOAD_KB = 500

FRAMES = """() => { window.stamps = []; const tick = (at) => { window.stamps.push(at);
    window.ticking = requestAnimationFrame(tick); }; window.ticking = requestAnimationFrame(tick); }"""
STOP = "() => { cancelAnimationFrame(window.ticking); return window.stamps; }"
KEYS = """() => { window.paints = [];
    addEventListener('keydown', () => { const from = performance.now();
        requestAnimationFrame(() => { const after = new MessageChannel();
            after.port1.onmessage = () => window.paints.push(performance.now() - from);
            after.port2.postMessage(0); }); }, true); }"""

NEAREST = """([x, y]) => { const all = [...document.querySelectorAll('.react-flow__node')]
    .map((node) => [node.dataset.id, node.getBoundingClientRect()])
    .sort(([, a], [, b]) => Math.hypot(a.x - x, a.y - y) - Math.hypot(b.x - x, b.y - y));
    return [all[0][0], all[0][1].x, all[0][1].y]; }"""

LOOPS = 16
"""So many that their events take longer than the look that is taken at them."""

Row = tuple[str, str, str]


def drawing(count: int) -> dict[str, Any]:
    """Returns a flow of ``count`` prompts in rows, each wired to the next."""
    nodes = {
        f"n{i}": {"kind": "prompt", "settings": {"template": f"Step {i}: {{text}}"}} for i in range(count)
    }
    edges = {
        f"e{i}": {"source": f"n{i}", "source_port": "output", "target": f"n{i + 1}", "target_port": "text"}
        for i in range(count - 1)
        if (i + 1) % COLUMNS
    }
    positions = {f"n{i}": {"x": i % COLUMNS * 300, "y": i // COLUMNS * 200} for i in range(count)}
    return {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {"nodes": nodes, "edges": edges},
        "ui": {"positions": positions, "groups": {}},
    }


def fps(stamps: list[float]) -> str:
    """Returns the frames per second over a gesture, and the longest gap in milliseconds."""
    gaps = [later - earlier for earlier, later in pairwise(stamps)]
    if not gaps:
        return "no frame"
    return f"{len(gaps) / (stamps[-1] - stamps[0]) * 1000:.0f} fps, longest frame {max(gaps):.0f} ms"


def gesture(page: Page, start: tuple[float, float], moved: str, *, steps: int = 90) -> str:
    """Presses at a place, moves along a zigzag, and counts frames meanwhile.

    Raises:
        RuntimeError: ``moved``, an element that the gesture has to carry along, stayed where it was.
    """
    x, y = start
    before = page.locator(moved).first.get_attribute("style")
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(FRAMES)
    for step in range(steps):
        page.mouse.move(x + step * 2, y + (step % 20) * 3)
    stamps = page.evaluate(STOP)
    page.mouse.up()
    if page.locator(moved).first.get_attribute("style") == before:
        raise RuntimeError(f"the gesture moved nothing: {moved} is where it was")
    return fps(stamps)


def first_load(page: Page, studio: Studio) -> Row:
    """Adds up the compressed scripts that the start page loads."""
    loaded: list[str] = []
    page.on("response", lambda reply: loaded.append(reply.url) if reply.url.endswith(".js") else None)
    page.goto("/")
    page.wait_for_load_state("networkidle")
    names = {url.rsplit("/", 1)[1] for url in loaded}
    size = sum(len(gzip.compress((ROOT / "frontend/dist/assets" / name).read_bytes())) for name in names)
    return "JS of the first load, gz", f"{size / 1000:.0f} KB", f"{FIRST_LOAD_KB} KB; Langflow 1.13: 2,800 KB"


def open_flow(page: Page, studio: Studio, count: int) -> Iterator[Row]:
    """Opens a flow of some size and works on it."""
    flow = studio.call("POST", "/flows", {"name": f"{count} nodes", "document": drawing(count)})
    begun = time.perf_counter()
    page.goto(f"/flows/{flow['id']}", wait_until="commit")
    page.locator(".react-flow__node").first.wait_for()
    first = time.perf_counter() - begun
    page.wait_for_function("() => document.querySelectorAll('.react-flow__edge').length > 0")
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    shown = time.perf_counter() - begun
    target = SIZES[count]
    yield f"{count} nodes: first node", f"{first:.2f} s", ""
    yield f"{count} nodes: shown", f"{shown:.2f} s", f"{target} s" if target else ""

    pane = page.locator(".react-flow__pane").bounding_box()
    assert pane
    page.keyboard.press("1")
    page.wait_for_timeout(600)
    page.keyboard.down("Space")
    yield (
        f"{count} nodes: pan, all in view",
        gesture(page, (pane["x"] + pane["width"] / 2, pane["y"] + 20), ".react-flow__viewport"),
        "",
    )
    page.keyboard.up("Space")
    page.keyboard.press("0")
    page.wait_for_timeout(600)
    middle = (pane["x"] + pane["width"] / 2, pane["y"] + pane["height"] / 2)
    key, x, y = page.evaluate(NEAREST, middle)
    target_fps = "50 fps" if count == 200 else ""
    yield (
        f"{count} nodes: drag a node",
        gesture(page, (x + 60, y + 14), f".react-flow__node[data-id={key}]"),
        target_fps,
    )
    yield zoom(page, count, middle)
    yield memory(page, count)


def zoom(page: Page, count: int, middle: tuple[float, float]) -> Row:
    """Turns the wheel in and out over the middle of the canvas."""
    before = page.locator(".react-flow__viewport").get_attribute("style")
    page.mouse.move(*middle)
    page.evaluate(FRAMES)
    for step in range(60):
        page.mouse.wheel(0, -60 if step % 30 < 15 else 60)
        page.wait_for_timeout(16)
    stamps = page.evaluate(STOP)
    if page.locator(".react-flow__viewport").get_attribute("style") == before and len(stamps) < 2:
        raise RuntimeError("the wheel moved nothing")
    return f"{count} nodes: zoom", fps(stamps), "50 fps" if count == 200 else ""


def memory(page: Page, count: int) -> Row:
    """Asks the browser how much the page's scripts hold, after what nobody needs was thrown away."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return f"{count} nodes: memory of the page's scripts", f"{used / 1e6:.0f} MB", ""


def body(number: int) -> dict[str, Any]:
    """Returns what one of the loops does in each round."""
    begin, say, end = (f"{name}{number}" for name in ("begin", "say", "end"))
    return {
        "nodes": {
            begin: {"kind": "body_input"},
            say: {"kind": "prompt", "settings": {"template": "Round {index}"}},
            end: {"kind": "body_output"},
        },
        "edges": {
            f"in{number}": {"source": begin, "source_port": "index", "target": say, "target_port": "index"},
            f"out{number}": {"source": say, "source_port": "output", "target": end, "target_port": "value"},
        },
    }


def many_events(page: Page, studio: Studio) -> Row:
    """Looks on while loops beside 200 nodes tell of their rounds; each tells of its first 200."""
    document = drawing(200)
    # What the others lack keeps none of them from running: they are switched off.
    for node in document["graph"]["nodes"].values():
        node["disabled"] = True
    document["graph"]["edges"] = {}
    for number in range(LOOPS):
        key = f"rounds{number}"
        document["graph"]["nodes"][key] = {"kind": "loop", "settings": {"times": 200}, "body": body(number)}
        document["ui"]["positions"][key] = {"x": number * 300, "y": -320}
    flow = studio.call("POST", "/flows", {"name": "Many events", "document": document})
    page.goto(f"/flows/{flow['id']}")
    page.locator(".react-flow__node").first.wait_for()
    page.wait_for_timeout(800)
    page.keyboard.press("Control+Enter")
    page.locator("[data-run=running]").first.wait_for()
    page.evaluate(FRAMES)
    begun = time.perf_counter()
    first = studio.call("GET", f"/runs?flow={flow['id']}")["results"][0]
    start = studio.call("GET", f"/runs/{first['id']}")["last_seq"]
    page.wait_for_timeout(2500)
    end = studio.call("GET", f"/runs/{first['id']}")["last_seq"]
    rate = (end - start) / (time.perf_counter() - begun)
    stamps = page.evaluate(STOP)
    studio.call("POST", f"/runs/{first['id']}/cancel")
    return f"200 nodes: {rate:.0f} run events a second", fps(stamps), "500 a second, 50 fps"


def keystrokes(page: Page) -> Row:
    """Times from key to paint in a prompt's field, of the node that stands nearest to the middle."""
    pane = page.locator(".react-flow__pane").bounding_box()
    assert pane
    page.keyboard.press("0")
    page.wait_for_timeout(600)
    middle = (pane["x"] + pane["width"] / 2, pane["y"] + pane["height"] / 2)
    _, x, y = page.evaluate(NEAREST, middle)
    page.mouse.click(x + 60, y + 18)
    page.locator("aside textarea, .cm-content").first.click()
    page.evaluate(KEYS)
    for letter in "the quick brown fox jumps over the lazy dog " * 4:
        page.keyboard.press("Space" if letter == " " else letter)
        page.wait_for_timeout(25)
    paints = sorted(page.evaluate("() => window.paints"))
    p95 = paints[int(len(paints) * 0.95)]
    return "200 nodes: key to paint p50 / p95", f"{paints[len(paints) // 2]:.0f} / {p95:.0f} ms", "p95 30 ms"


def rows() -> Iterator[Row]:
    """Yields the figures."""
    studio = Studio()
    try:
        studio.start()
        studio.claim()
        with sync_playwright() as playwright:
            chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
            browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            context = browser.new_context(
                base_url=f"http://127.0.0.1:{studio.port}",
                viewport={"width": 1440, "height": 900},
                extra_http_headers={"Authorization": f"Bearer {studio.token}"},
            )
            page = context.new_page()
            yield first_load(page, studio)
            for count in SIZES:
                yield from open_flow(page, studio, count)
                if count == 200:
                    yield keystrokes(page)
                    yield many_events(page, studio)
            browser.close()
    finally:
        studio.remove()
