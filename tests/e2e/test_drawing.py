"""Drawing by hand: a flow is made from nothing with the mouse, run, broken and mended."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.drawn import until, until_saved

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def card(page: Page, key: str) -> Locator:
    """Returns a node by its id."""
    return page.locator(f".react-flow__node[data-id={key}]")


def port(page: Page, key: str, side: str, name: str) -> tuple[float, float]:
    """Returns where the dot of a port is."""
    box = page.locator(f"[data-id={key}] .react-flow__handle.{side}[data-handleid={name}]").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def pull(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drags the mouse from one place to another, as a hand does."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
    page.mouse.move(*end, steps=4)
    page.mouse.up()


def graph(api: httpx.Client, page: Page) -> dict[str, Any]:
    """Returns what is saved of the flow that the page shows."""
    found = re.search(r"/flows/([0-9a-f-]{36})", page.url)
    assert found
    return dict(api.get(f"flows/{found.group(1)}/draft").json()["document"]["graph"])


def wires(graph: dict[str, Any]) -> set[str]:
    """Returns the wires as words."""
    return {f"{e['source']} > {e['target']}.{e['target_port']}" for e in graph["edges"].values()}


def test_a_flow_is_drawn_from_nothing_run_broken_and_mended(
    open_page: Callable[..., Page], api: httpx.Client
) -> None:
    page = open_page("/", viewport={"width": 1680, "height": 1000})
    page.get_by_role("button", name="New flow").click()
    expect(page.get_by_role("heading", name="Where does it begin?")).to_be_visible()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_text("There is nothing to run yet")).to_be_visible()

    page.get_by_role("button", name="Begin with a chat").click()
    expect(page.locator(".react-flow__node")).to_have_count(3)
    page.mouse.click(900, 850)

    # A wire that is let go on the empty canvas asks which node it was meant for, of those that fit.
    x, y = port(page, "chat_input_1", "source", "text")
    pull(page, (x, y), (x + 60, y + 240))
    menu = page.get_by_role("dialog", name="Connect to a new node")
    expect(menu.get_by_role("option", name=re.compile("^Chat input"))).to_have_count(0)
    page.keyboard.type("prompt")
    page.keyboard.press("Enter")
    template = page.get_by_role("combobox", name="Template")
    expect(template).to_have_value("{text}")
    template.press("End")
    template.press_sequentially(" Answer in one word.")
    page.keyboard.press("Escape")

    # Another node between the model and its answer, by the plus on the wire.
    start, end = port(page, "chat_model_1", "source", "output"), port(page, "chat_output_1", "target", "text")
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    page.get_by_role("button", name="Insert a node").click()
    page.keyboard.type("prompt")
    page.keyboard.press("Enter")
    expect(page.locator(".react-flow__node")).to_have_count(5)
    page.keyboard.press("Escape")
    still(page)  # The canvas has moved to show the new node.

    # The prompt instead of the bare question: a wire to the model, and the old one away.
    messages = port(page, "chat_model_1", "target", "messages")
    pull(page, port(page, "prompt_1", "source", "output"), messages)
    start = port(page, "chat_input_1", "source", "text")
    page.mouse.move((start[0] + messages[0]) / 2, (start[1] + messages[1]) / 2)
    page.locator(".react-flow__edgelabel-renderer").get_by_role("button", name="Delete wire").click()
    page.keyboard.press("Control+s")
    expect(page.get_by_text(re.compile(r"^Saved \d\d:\d\d"))).to_be_visible()
    saved = graph(api, page)
    assert wires(saved) == {
        "chat_input_1 > prompt_1.text",
        "prompt_1 > chat_model_1.messages",
        "chat_model_1 > prompt_2.chat_model",
        "prompt_2 > chat_output_1.text",
    }

    page.keyboard.press("Control+Enter")
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    page.keyboard.type("What is the capital of Japan?")
    page.keyboard.press("Enter")
    expect(page.locator(".react-flow__node [data-run=succeeded]")).to_have_count(5, timeout=60_000)

    # Broken: what stands in the way is red at once, and the checklist leads to it.
    card(page, "prompt_2").click(position={"x": 60, "y": 12})
    page.get_by_role("button", name="Delete wire").first.click()
    expect(card(page, "prompt_2").locator("[data-level=error]").first).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="1 remark").click()
    page.get_by_role("button", name=re.compile("^Prompt Input")).click()
    panel = page.get_by_role("complementary", name="Panel of the node")
    expect(panel).to_contain_text("Input “chat_model” needs a wire.")

    # Mended from the panel; what it gave before is marked as of before.
    panel.get_by_role("button", name="Connect", exact=True).first.click()
    page.get_by_role("menuitem", name=re.compile("Chat model")).click()
    template.fill("The answer is {chat_model}")
    expect(card(page, "prompt_2").get_by_label("Changed since this run")).to_be_visible()
    page.keyboard.press("Control+Enter")
    page.keyboard.type("And of Italy?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("The answer is", timeout=60_000)

    # A middle node that goes joins its neighbours, and one step brings it back.
    card(page, "prompt_2").focus()
    page.keyboard.press("Delete")
    expect(page.locator(".react-flow__node")).to_have_count(4)
    page.keyboard.press("Control+s")
    expect(page.get_by_text(re.compile(r"^Saved \d\d:\d\d"))).to_be_visible()
    assert "chat_model_1 > chat_output_1.text" in wires(graph(api, page))
    page.keyboard.press("Control+z")
    expect(page.locator(".react-flow__node")).to_have_count(5)


STILL = """() => new Promise((told) => {
    const where = () => document.querySelector('.react-flow__viewport').style.transform;
    const was = where();
    setTimeout(() => told(where() === was), 80); })"""


def still(page: Page) -> None:
    """Waits until the canvas moves no more."""
    page.wait_for_function(STILL)


def view(page: Page) -> str:
    """Returns how far the canvas is moved and zoomed."""
    return page.locator(".react-flow__viewport").get_attribute("style") or ""


def test_hands_move_select_copy_and_arrange_and_undo_covers_it(
    open_page: Callable[..., Page], api: httpx.Client
) -> None:
    flow = api.post("flows", json={"template": "translate"}).json()["id"]
    page = open_page(f"/flows/{flow}", permissions=["clipboard-read", "clipboard-write"])
    cards = page.locator(".react-flow__node")
    expect(cards.first).to_be_visible()
    still(page)
    count = cards.count()
    before = graph(api, page)
    pane = page.locator(".react-flow__pane").bounding_box()
    assert pane
    corner = (pane["x"] + 30, pane["y"] + 30)

    # Space and drag, the middle button, and the wheel move the drawing, not the nodes.
    seen = [view(page)]
    page.keyboard.down("Space")
    pull(page, corner, (corner[0] + 60, corner[1] + 40))
    page.keyboard.up("Space")
    seen.append(view(page))
    page.mouse.move(*corner)
    page.mouse.down(button="middle")
    page.mouse.move(corner[0] + 50, corner[1] + 20, steps=4)
    page.mouse.up(button="middle")
    seen.append(view(page))
    page.mouse.wheel(0, -240)
    still(page)
    seen.append(view(page))
    assert len(set(seen)) == 4
    page.keyboard.press("1")
    still(page)
    assert graph(api, page) == before

    # A frame drawn on the empty canvas selects what it touches; Ctrl+A everything.
    pull(page, corner, (pane["x"] + pane["width"] - 10, pane["y"] + pane["height"] - 180))
    expect(page.locator(".react-flow__node.selected")).to_have_count(count)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+a")
    expect(page.locator(".react-flow__node.selected")).to_have_count(count)

    # What is copied is text, and another flow takes it.
    page.keyboard.press("Control+c")
    assert '"nodes"' in page.evaluate("navigator.clipboard.readText()")
    other = api.post("flows", json={"name": "Other"}).json()["id"]
    there = page.context.new_page()
    there.goto(f"/flows/{other}")
    expect(there.get_by_role("heading", name="Where does it begin?")).to_be_visible()
    there.keyboard.press("Control+v")
    expect(there.locator(".react-flow__node")).to_have_count(count)
    there.keyboard.press("Control+d")
    expect(there.locator(".react-flow__node")).to_have_count(2 * count)
    there.close()

    # Each act is one step, and undoing them all leads back to where it began.
    page.keyboard.press("b")
    expect(page.locator("[data-disabled]")).to_have_count(count)
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+d")
    expect(cards).to_have_count(2 * count)
    page.keyboard.press("l")
    said = page.locator(".visually-hidden[role=status]")
    expect(said).to_have_text(re.compile("arranged", re.IGNORECASE), timeout=15_000)
    page.keyboard.press("Control+x")
    expect(cards).to_have_count(count)
    undo = page.get_by_role("button", name="Undo", exact=True)
    for _ in range(8):
        if undo.is_enabled():
            undo.click()
    expect(undo).to_be_disabled()
    page.keyboard.press("Control+s")
    until_saved(page, lambda: graph(api, page), before)


@pytest.fixture
def polite(api: httpx.Client) -> str:
    """A chat that greets, and a reranker beside it that nothing is wired to yet."""
    nodes = {
        "ask": {"kind": "chat_input"},
        "say": {"kind": "prompt", "title": "Polite", "settings": {"template": "Hello {name}!"}},
        "order": {"kind": "reranker"},
        "out": {"kind": "chat_output"},
    }
    edges = {
        "a": {"source": "ask", "source_port": "text", "target": "say", "target_port": "name"},
        "b": {"source": "say", "source_port": "output", "target": "out", "target_port": "text"},
    }
    places = {"ask": (0, 40), "say": (330, 0), "order": (330, 260), "out": (700, 80)}
    document = {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {"nodes": nodes, "edges": edges},
        "ui": {"positions": {key: {"x": x, "y": y} for key, (x, y) in places.items()}},
    }
    reply = api.post("flows", json={"name": "Polite", "document": document})
    assert reply.status_code == 201, reply.text
    return str(reply.json()["id"])


def pick(page: Page, key: str) -> None:
    """Selects a node and closes its panel again."""
    card(page, key).click(position={"x": 60, "y": 12})
    expect(page.get_by_role("complementary", name="Panel of the node")).to_be_visible()
    page.keyboard.press("Escape")
    still(page)


def saved(api: httpx.Client, page: Page, held: Callable[[dict[str, Any]], bool]) -> None:
    """Saves, and waits until what is saved of the graph is as it should be."""
    page.keyboard.press("Control+s")
    assert until(page, lambda: held(graph(api, page))), graph(api, page)


def test_ports_answer_to_a_wire_and_a_node_gives_way_with_its_wires_kept(
    open_page: Callable[..., Page], api: httpx.Client, polite: str
) -> None:
    page = open_page(f"/flows/{polite}", viewport={"width": 1680, "height": 1000})
    cards = page.locator(".react-flow__node")
    expect(cards).to_have_count(4)
    still(page)

    # While a wire is drawn, what it fits lights up and the rest is dim; near a port it snaps to it.
    query = page.locator("[data-id=order] .target[data-handleid=query]")
    documents = page.locator("[data-id=order] .target[data-handleid=documents]")
    page.mouse.move(*port(page, "ask", "source", "text"))
    page.mouse.down()
    x, y = port(page, "order", "target", "query")
    page.mouse.move(x - 200, y + 60, steps=4)
    expect(query).to_have_attribute("data-fit", "yes")
    expect(documents).to_have_attribute("data-fit", "no")
    expect(documents).to_have_css("opacity", "0.22")
    page.mouse.move(x - 18, y - 16, steps=4)
    page.mouse.up()
    expect(query).not_to_have_attribute("data-fit", re.compile(""))
    saved(api, page, lambda graph: "ask > order.query" in wires(graph))

    # A click on a port offers what takes it, and nothing else.
    page.mouse.click(*port(page, "order", "source", "output"))
    menu = page.get_by_role("dialog", name="Connect to a new node")
    expect(menu.get_by_role("option", name=re.compile("^Context builder"))).to_be_visible()
    expect(menu.get_by_role("option", name=re.compile("^Chat model"))).to_have_count(0)
    page.keyboard.press("Escape")
    pick(page, "order")
    page.keyboard.press("Delete")
    expect(cards).to_have_count(3)

    # Disabled, a node lets through what comes. Letters typed before the chat is there are no shortcuts.
    pick(page, "say")
    page.keyboard.press("b")
    expect(card(page, "say").locator("[data-disabled]")).to_be_visible()
    page.keyboard.press("Control+Enter")
    page.keyboard.type("Abigail")
    page.keyboard.press("Enter")
    answer = page.get_by_role("article", name="Answer")
    expect(answer.get_by_text("Abigail", exact=True)).to_be_visible(timeout=20_000)
    expect(cards).to_have_count(3)
    pick(page, "say")
    page.keyboard.press("b")
    message = page.get_by_label("Message", exact=True)
    message.fill("Bob")
    message.press("Enter")
    expect(answer.last).to_contain_text("Hello Bob!", timeout=20_000)

    # The prompt as it was sent, before it is changed.
    card(page, "say").click(position={"x": 60, "y": 12})
    page.get_by_role("button", name="With the last run's values").click()
    preview = page.get_by_role("complementary", name="Panel of the node").locator("pre")
    expect(preview).to_have_text("Hello Bob!")
    expect(preview.locator("mark")).to_have_text("Bob")
    page.keyboard.press("Escape")

    # Another kind in its place: the wires stay.
    pick(page, "say")
    page.keyboard.press("r")
    page.keyboard.type("chat model")
    page.keyboard.press("Enter")
    kept = {"ask > chat_model_1.messages", "chat_model_1 > out.text"}
    saved(api, page, lambda graph: wires(graph) == kept)
    page.keyboard.press("Escape")
    page.locator(".react-flow__pane").click(position={"x": 20, "y": 20})
    page.keyboard.press("Control+z")
    saved(api, page, lambda graph: wires(graph) == {"ask > say.name", "say > out.text"})


KEPT_FROM_AFAR = """() => Object.entries(localStorage).some(([key, value]) =>
    key.startsWith('flowloft.view.') && JSON.parse(value).zoom < 0.5)"""


def test_keys_of_ones_own_and_the_view_of_each_flow_are_kept(
    open_page: Callable[..., Page], api: httpx.Client, polite: str
) -> None:
    page = open_page(f"/flows/{polite}")
    cards = page.locator(".react-flow__node")
    expect(cards).to_have_count(4)
    still(page)

    # Another key for a command; one that is taken already is asked about.
    card(page, "ask").focus()
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    keys.get_by_role("button", name="Change the keys of “Duplicate”").click()
    page.keyboard.press("j")
    keys.get_by_role("button", name="Change the keys of “Arrange the nodes”").click()
    page.keyboard.press("j")
    expect(keys.get_by_role("alert")).to_contain_text("J already does “Duplicate”.")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(keys).to_have_count(0)
    page.reload()
    expect(cards).to_have_count(4)
    pick(page, "ask")
    page.keyboard.press("j")
    expect(cards).to_have_count(5)
    page.keyboard.press("Control+z")
    expect(cards).to_have_count(4)

    # Lined up by their upper edges.
    page.keyboard.press("Control+a")
    page.keyboard.press("Alt+w")
    page.keyboard.press("Control+s")

    def places() -> dict[str, dict[str, float]]:
        found = api.get(f"flows/{polite}/draft").json()["document"]["ui"]["positions"]
        return dict(found)

    assert until(page, lambda: len({place["y"] for place in places().values()}) == 1), places()

    # From afar a node is its icon and title; where one looked, and which panels were open, is found again.
    page.keyboard.press("Escape")
    page.keyboard.press("[")
    expect(page.get_by_role("button", name="Show the nodes")).to_be_visible()
    pane = page.locator(".react-flow__pane").bounding_box()
    assert pane
    page.mouse.move(pane["x"] + 200, pane["y"] + 500)
    expect(card(page, "say").locator("[data-detail=full]")).to_be_visible()
    for _ in range(12):
        page.mouse.wheel(0, 120)
        still(page)
        if card(page, "say").locator("[data-detail=titles]").count():
            break
    expect(card(page, "say")).to_have_text("Polite")
    # A wheel has come to rest only when it has not turned for a moment.
    page.wait_for_function(KEPT_FROM_AFAR)
    before = view(page)
    page.reload()
    expect(card(page, "say").locator("[data-detail=titles]")).to_be_visible()
    assert view(page) == before
    expect(page.get_by_role("button", name="Show the nodes")).to_be_visible()
    other = api.post("flows", json={"template": "chatbot"}).json()["id"]
    page.goto(f"/flows/{other}")
    expect(page.locator("[data-detail=full]").first).to_be_visible()
    expect(page.get_by_placeholder("Search nodes")).to_be_visible()


NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"
FILE = """([name, text]) => { const carried = new DataTransfer();
    carried.items.add(new File([text], name, { type: 'application/json' })); return carried; }"""


def test_nodes_come_in_by_text_by_a_dropped_file_and_the_palette_leads_anywhere(
    open_page: Callable[..., Page], api: httpx.Client, polite: str
) -> None:
    page = open_page("/settings")
    page.add_init_script(NO_CLIPBOARD)
    page.goto(f"/flows/{polite}")
    cards = page.locator(".react-flow__node")
    expect(cards).to_have_count(4)
    still(page)

    # Where the browser gives no clipboard, the text is shown and taken in a box.
    pick(page, "say")
    page.keyboard.press("Control+c")
    copied = page.get_by_role("dialog", name="Copy these nodes").get_by_role("textbox").input_value()
    assert "Hello {name}!" in copied
    page.keyboard.press("Escape")
    page.keyboard.press("Control+v")
    box = page.get_by_role("dialog", name="Paste nodes")
    box.get_by_role("textbox").fill("Hello")
    box.get_by_role("button", name="Paste", exact=True).click()
    expect(box).to_contain_text("This text holds no nodes.")
    box.get_by_role("textbox").fill(copied)
    box.get_by_role("button", name="Paste", exact=True).click()
    expect(cards).to_have_count(5)

    # A file that is dropped stands beside what is there; none of that is replaced.
    whole = api.get(f"flows/{polite}/draft").json()["document"]
    carried = page.evaluate_handle(FILE, ["polite.json", json.dumps(whole)])
    page.get_by_role("region", name="Canvas").dispatch_event("drop", {"dataTransfer": carried})
    expect(cards).to_have_count(9)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(cards).to_have_count(4)

    # Shift, held while a node is dragged, puts it on the grid.
    still(page)
    box_of = card(page, "ask").bounding_box()
    assert box_of
    page.mouse.move(box_of["x"] + 60, box_of["y"] + 12)
    page.mouse.down()
    page.keyboard.down("Shift")
    page.mouse.move(box_of["x"] + 101, box_of["y"] + 75, steps=6)
    page.mouse.up()
    page.keyboard.up("Shift")
    page.keyboard.press("Control+s")

    def placed() -> dict[str, float]:
        return dict(api.get(f"flows/{polite}/draft").json()["document"]["ui"]["positions"]["ask"])

    assert until(page, lambda: placed()["y"] != 40)
    place = placed()
    assert (place["x"] % 8, place["y"] % 8) == (0, 0)

    # The reranker lacks its wires: that keeps the flow from being published, and from nothing else.
    page.get_by_role("button", name="Publish", exact=True).click()
    dialog = page.get_by_role("dialog", name="Publish")
    expect(dialog).to_contain_text("put right first")
    expect(dialog.get_by_role("button", name="Publish")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    # By Ctrl+K to another flow, and to a page.
    other = api.post("flows", json={"name": "Zebra crossing", "template": "chatbot"}).json()["id"]
    page.reload()
    expect(cards).to_have_count(4)
    for words, address in (("Zebra crossing", f"/flows/{other}"), ("Settings", "/settings")):
        page.keyboard.press("Control+k")
        page.get_by_role("combobox", name="Search commands and nodes").fill(words)
        page.get_by_role("option", name=re.compile(f"^{words}")).last.click()
        page.wait_for_url(re.compile(rf"{address}\b"))
        page.wait_for_timeout(300)
