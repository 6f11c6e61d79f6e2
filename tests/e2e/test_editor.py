"""Drawing: what is drawn is saved, can be undone, and is never overwritten behind somebody's back."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.drawn import draft, greeter, made, node, open_flow, until_saved, until_still

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture
def flow(api: httpx.Client) -> dict[str, Any]:
    """A flow of three nodes: input, text, output."""
    return greeter(api)


def test_a_changed_setting_is_saved_and_runs(
    open_page: Callable[..., Page], api: httpx.Client, flow: dict[str, Any]
) -> None:
    page = open_flow(open_page, flow)
    node(page, "Prompt").click()
    field = page.locator(".cm-content, textarea:not([aria-hidden])").first
    field.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("Good evening, {name}.")
    until_saved(
        page,
        lambda: draft(api, flow)["graph"]["nodes"]["greeting"]["settings"]["template"],
        "Good evening, {name}.",
    )
    expect(page.get_by_text(re.compile(r"^Saved \d\d:\d\d"))).to_be_visible()

    page.keyboard.press("Escape")
    page.get_by_role("button", name="Chat", exact=True).first.click()
    page.get_by_label("Message", exact=True).fill("Ada")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Good evening, Ada.", timeout=20_000)


def test_deleting_is_undone_with_its_wires(
    open_page: Callable[..., Page], api: httpx.Client, flow: dict[str, Any]
) -> None:
    before = draft(api, flow)["graph"]
    page = open_flow(open_page, flow)
    node(page, "Prompt").click()
    page.keyboard.press("Escape")
    node(page, "Prompt").click()
    page.locator(".react-flow__pane").focus()
    node(page, "Prompt").focus()
    page.keyboard.press("Delete")
    expect(page.locator(".react-flow__node")).to_have_count(2)
    until_saved(page, lambda: len(draft(api, flow)["graph"]["nodes"]), 2)
    page.keyboard.press("Control+z")
    expect(page.locator(".react-flow__node")).to_have_count(3)
    until_saved(page, lambda: draft(api, flow)["graph"], before)


def test_a_node_from_the_palette_lands_on_the_canvas(
    open_page: Callable[..., Page], api: httpx.Client, flow: dict[str, Any]
) -> None:
    page = open_flow(open_page, flow)
    page.get_by_placeholder("Search nodes").fill("http")
    page.keyboard.press("Enter")
    expect(page.locator(".react-flow__node")).to_have_count(4)
    until_saved(
        page,
        lambda: sorted(one["kind"] for one in draft(api, flow)["graph"]["nodes"].values()),
        ["chat_input", "chat_output", "http_request", "prompt"],
    )


def corner(page: Page, key: str) -> tuple[int, int]:
    """Returns where a node begins on the page."""
    box = page.locator(f".react-flow__node[data-id={key}]").bounding_box()
    assert box
    return round(box["x"]), round(box["y"])


def test_the_first_node_stays_where_it_is_dropped(open_page: Callable[..., Page], api: httpx.Client) -> None:
    empty = made(api, "Nothing yet", {})
    page = open_flow(open_page, empty, 0)
    page.get_by_role("button", name="Prompt", exact=True).drag_to(
        page.get_by_role("region", name="Canvas"), target_position={"x": 200, "y": 180}
    )
    expect(page.locator(".react-flow__node")).to_have_count(1)
    canvas = page.get_by_role("region", name="Canvas").bounding_box()
    assert canvas
    until_still(page, page.locator(".react-flow__node"))
    assert corner(page, "prompt_1") == (round(canvas["x"]) + 140, round(canvas["y"]) + 158)


def test_what_was_seen_stays_in_sight_and_apart_when_a_node_comes_between(
    open_page: Callable[..., Page], flow: dict[str, Any]
) -> None:
    page = open_flow(open_page, flow)
    page.locator(".react-flow__edge").first.hover(force=True)
    page.get_by_role("button", name="Insert a node").click()
    page.keyboard.type("text")
    page.keyboard.press("Enter")
    cards = page.locator(".react-flow__node")
    expect(cards).to_have_count(4)
    expect(page.get_by_role("complementary", name="Panel of the node")).to_be_visible()
    until_still(page, cards)
    canvas = page.locator(".react-flow").bounding_box()
    boxes = [one.bounding_box() for one in cards.all()]
    assert canvas
    assert all(box and box["x"] >= canvas["x"] for box in boxes)
    assert all(box and box["x"] + box["width"] <= canvas["x"] + canvas["width"] for box in boxes)
    ends = sorted((box["x"], box["x"] + box["width"]) for box in boxes if box)
    assert all(end < start for (_, end), (start, _) in itertools.pairwise(ends))


def save_elsewhere(api: httpx.Client, flow: dict[str, Any], *operations: dict[str, Any]) -> None:
    """Saves a change of the draft as another browser does."""
    revision = api.get(f"flows/{flow['id']}/draft").json()["revision"]
    reply = api.patch(
        f"flows/{flow['id']}/draft",
        content=json.dumps(operations),
        headers={"Content-Type": "application/json-patch+json", "If-Match": f'"{revision}"'},
    )
    assert reply.status_code == 200, reply.text


def test_what_two_people_did_is_joined_and_each_undoes_only_their_own(
    open_page: Callable[..., Page], api: httpx.Client, flow: dict[str, Any]
) -> None:
    page = open_flow(open_page, flow)
    save_elsewhere(api, flow, {"op": "add", "path": "/graph/nodes/greeting/title", "value": "From elsewhere"})
    page.get_by_placeholder("Search nodes").fill("note")
    page.keyboard.press("Enter")
    expect(node(page, "From elsewhere")).to_be_visible(timeout=10_000)
    until_saved(page, lambda: len(draft(api, flow)["graph"]["nodes"]), 4)
    assert draft(api, flow)["graph"]["nodes"]["greeting"]["title"] == "From elsewhere"
    page.get_by_role("button", name="Undo", exact=True).click()
    until_saved(page, lambda: len(draft(api, flow)["graph"]["nodes"]), 3)
    assert draft(api, flow)["graph"]["nodes"]["greeting"]["title"] == "From elsewhere"


def test_what_both_changed_is_asked_and_never_overwritten_silently(
    open_page: Callable[..., Page], api: httpx.Client, flow: dict[str, Any]
) -> None:
    page = open_flow(open_page, flow)
    path = "/graph/nodes/greeting/settings/template"
    save_elsewhere(api, flow, {"op": "replace", "path": path, "value": "Theirs {name}"})
    node(page, "Prompt").click()
    field = page.locator("aside textarea:not([aria-hidden])").first
    field.fill("Mine {name}")
    dialog = page.get_by_role("dialog").filter(has_text="changed elsewhere")
    expect(dialog).to_be_visible(timeout=10_000)
    expect(dialog).to_contain_text("Theirs {name}")
    expect(dialog.get_by_text("Template", exact=True)).to_be_visible()
    assert draft(api, flow)["graph"]["nodes"]["greeting"]["settings"]["template"] == "Theirs {name}"
    dialog.get_by_role("button", name="Keep mine as a copy").click()
    page.wait_for_url(lambda url: flow["id"] not in url)
    copy = re.search(r"/flows/([0-9a-f-]{36})", page.url)
    assert copy
    kept = draft(api, {"id": copy.group(1)})["graph"]["nodes"]["greeting"]["settings"]["template"]
    assert kept == "Mine {name}"

    page = open_flow(open_page, flow)
    save_elsewhere(api, flow, {"op": "replace", "path": path, "value": "Theirs again {name}"})
    node(page, "Prompt").click()
    page.locator("aside textarea:not([aria-hidden])").first.fill("Mine again {name}")
    page.get_by_role("button", name="Keep mine there").click()
    until_saved(
        page,
        lambda: draft(api, flow)["graph"]["nodes"]["greeting"]["settings"]["template"],
        "Mine again {name}",
    )


def test_two_pages_on_one_flow_see_each_other(open_page: Callable[..., Page], flow: dict[str, Any]) -> None:
    page, other = open_flow(open_page, flow), open_flow(open_page, flow)
    expect(page.get_by_role("list", name="Also here")).to_be_visible(timeout=10_000)
    node(other, "Prompt").click()
    expect(page.get_by_role("button", name="ada is here as well, at “Prompt”")).to_be_visible(timeout=10_000)
    other.get_by_label("Title of the node").fill("Renamed over there")
    expect(node(page, "Renamed over there")).to_be_visible(timeout=10_000)


def test_nodes_become_a_group_that_folds_and_comes_back(
    open_page: Callable[..., Page], api: httpx.Client, flow: dict[str, Any]
) -> None:
    page = open_flow(open_page, flow)
    node(page, "Prompt").click()
    page.keyboard.press("Escape")
    node(page, "Chat output").click(modifiers=["Shift"])
    page.keyboard.press("Control+g")
    page.keyboard.type("Answering")
    page.keyboard.press("Enter")
    until_saved(
        page, lambda: [one["title"] for one in draft(api, flow)["ui"]["groups"].values()], ["Answering"]
    )
    page.get_by_role("button", name="More about this group").click()
    page.get_by_role("button", name="Violet").click()
    until_saved(page, lambda: [one["color"] for one in draft(api, flow)["ui"]["groups"].values()], ["violet"])
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Undo", exact=True).click()
    page.get_by_role("button", name="Fold group").click()
    expect(page.locator(".react-flow__node")).to_have_count(2)
    expect(page.locator(".react-flow__edge")).to_have_count(1)
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.locator(".react-flow__node")).to_have_count(4)


def test_a_part_becomes_a_flow_of_its_own_that_still_answers(
    open_page: Callable[..., Page], api: httpx.Client, flow: dict[str, Any]
) -> None:
    page = open_flow(open_page, flow)
    node(page, "Prompt").click()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Shift+E")
    page.get_by_label("Name of the new flow").fill("Politeness")
    page.keyboard.press("Enter")
    expect(node(page, "Politeness")).to_be_visible(timeout=10_000)
    page.get_by_role("button", name="Open this flow").click()
    expect(page.get_by_role("navigation", name="The flows around this one")).to_contain_text("Greeter")
    expect(node(page, "Prompt")).to_be_visible()
    page.get_by_role("link", name="Greeter").click()
    expect(node(page, "Politeness")).to_be_visible()
    page.get_by_role("button", name="Chat", exact=True).first.click()
    page.get_by_label("Message", exact=True).fill("Ada")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Hello Ada!", timeout=20_000)


def test_two_versions_are_compared_and_the_older_one_comes_back(
    open_page: Callable[..., Page], api: httpx.Client, flow: dict[str, Any]
) -> None:
    page = open_flow(open_page, flow)
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_label("What is new").fill("First words")
    page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    published = page.get_by_role("dialog", name="Published as version 1.")
    expect(published).to_contain_text(f"/flows/{flow['id']}/chat")
    assert api.get(f"flows/{flow['id']}").json()["published_version"] == 1
    published.get_by_role("button", name="Close", exact=True).last.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    node(page, "Prompt").click()
    page.locator("aside textarea:not([aria-hidden])").first.fill("Goodbye {name}!")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Menu of the flow").click()
    page.get_by_role("menuitem", name="Versions…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("[data-mark=changed]")).to_have_count(1, timeout=10_000)
    expect(dialog.locator("ins")).to_have_text("Goodbye")
    expect(dialog.get_by_text("Template", exact=True)).to_be_visible()
    dialog.get_by_role("button", name="Version 1 Published First words").click()
    dialog.get_by_role("button", name="Restore into the draft").click()
    until_saved(
        page,
        lambda: draft(api, flow)["graph"]["nodes"]["greeting"]["settings"]["template"],
        "Hello {name}!",
    )


def test_a_failing_node_shows_why_on_itself(open_page: Callable[..., Page], api: httpx.Client) -> None:
    nodes = {
        "question": {"kind": "chat_input", "settings": {}},
        "page": {
            "kind": "http_request",
            "settings": {"url": "http://169.254.169.254/latest"},
        },
        "answer": {"kind": "chat_output", "settings": {}},
    }
    wires = [("page", "output", "answer", "text")]
    saved = made(api, "Failing", nodes, *wires)
    page = open_flow(open_page, saved)
    page.get_by_role("button", name="Chat", exact=True).first.click()
    page.get_by_label("Message", exact=True).fill("go")
    page.keyboard.press("Enter")
    expect(node(page, "HTTP request").locator("[data-run=failed]")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("log")).to_contain_text("169.254.169.254", timeout=20_000)


def test_a_kind_this_version_lacks_loses_nothing(open_page: Callable[..., Page], api: httpx.Client) -> None:
    strange = {"kind": "from_the_future", "settings": {"keep": [1, {"me": True}]}}
    nodes = {
        "question": {"kind": "chat_input", "settings": {}},
        "later": strange,
        "answer": {"kind": "chat_output", "settings": {}},
    }
    wires = [("question", "text", "later", "in"), ("later", "out", "answer", "text")]
    flow = made(api, "Future", nodes, *wires)
    page = open_flow(open_page, flow)
    expect(page.locator("[data-unknown]")).to_have_count(1)
    page.get_by_placeholder("Search nodes").fill("note")
    page.keyboard.press("Enter")
    until_saved(page, lambda: len(draft(api, flow)["graph"]["nodes"]), 4)
    saved = draft(api, flow)["graph"]
    assert saved["nodes"]["later"]["settings"] == strange["settings"]
    assert {"e0", "e1"} <= set(saved["edges"])


def test_the_page_speaks_chinese_and_goes_dark(
    open_page: Callable[..., Page], api: httpx.Client, flow: dict[str, Any]
) -> None:
    page = open_page(f"/flows/{flow['id']}", locale="zh-CN", color_scheme="dark")
    expect(page.get_by_role("button", name="运行", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.mantineColorScheme") == "dark"
    assert page.evaluate("document.documentElement.lang").startswith("zh")

    # What is wrong names a port as its card does.
    for title in ("提示词", "对话输入"):
        node(page, title).click()
        page.keyboard.press("Delete")
        expect(node(page, title)).to_have_count(0)
    node(page, "对话输出").click()
    expect(page.get_by_text("输入“文本”需要连线。").first).to_be_visible()

    page.goto("/")
    page.get_by_role("button", name=re.compile("^聊天机器人")).last.click()
    page.wait_for_url(re.compile(r"/flows/[0-9a-f-]{36}"))
    made = api.get(f"flows/{page.url.partition('/flows/')[2][:36]}").json()
    assert (made["name"], made["description"]) == ("聊天机器人", "逐字回答问题，并记住对话。")


def test_the_menu_of_a_node_sets_a_breakpoint_and_a_refused_message_leads_to_what_is_wrong(
    open_page: Callable[..., Page], api: httpx.Client, flow: dict[str, Any]
) -> None:
    page = open_flow(open_page, flow)
    prompt = node(page, "Prompt")
    for done, mark in (("Pause before this node", 1), ("Remove the breakpoint", 0)):
        prompt.click()
        page.get_by_role("tab", name="Last run").click()
        panel = page.get_by_role("complementary", name="Panel of the node")
        panel.get_by_role("button", name="More", exact=True).click()
        page.get_by_role("menuitem", name=done).click()
        expect(prompt.get_by_label("Pauses before this node")).to_have_count(mark)
    page.keyboard.press("Escape")

    # The right mouse button offers what the keys do.
    prompt.click(button="right")
    page.get_by_role("menuitem", name="Duplicate").click()
    expect(page.locator(".react-flow__node")).to_have_count(4)

    # The copy lacks its wire: what was said is refused, and a click leads to where.
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Chat", exact=True).first.click()
    message = page.get_by_label("Message", exact=True)
    message.fill("Ada")
    message.press("Enter")
    alert = page.get_by_role("alert").filter(has_text="is not connected")
    alert.get_by_role("listitem").get_by_role("button", name="Prompt").click()
    expect(page.get_by_role("complementary", name="Panel of the node")).to_contain_text("needs a wire")
    expect(message).to_have_value("Ada")  # Nothing that was written is lost.
