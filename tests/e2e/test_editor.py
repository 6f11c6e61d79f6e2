"""Drawing: what is drawn is saved, can be undone, and is never overwritten behind somebody's back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture
def flow(api: httpx.Client) -> dict[str, Any]:
    """A flow of three nodes: input, text, output."""
    document = {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {
            "nodes": {
                "question": {"kind": "chat_input", "settings": {}},
                "greeting": {"kind": "prompt", "settings": {"template": "Hello {name}!"}},
                "answer": {"kind": "chat_output", "settings": {}},
            },
            "edges": {
                "a": _edge("question", "text", "greeting", "name"),
                "b": _edge("greeting", "output", "answer", "text"),
            },
        },
    }
    reply = api.post("flows", json={"name": "Greeter", "document": document})
    assert reply.status_code == 201, reply.text
    return dict(reply.json())


def _edge(source: str, source_port: str, target: str, target_port: str) -> dict[str, str]:
    return {"source": source, "source_port": source_port, "target": target, "target_port": target_port}


def draft(api: httpx.Client, flow: dict[str, Any]) -> dict[str, Any]:
    """Returns the saved document."""
    return dict(api.get(f"flows/{flow['id']}/draft").json()["document"])


def open_flow(open_page: Callable[..., Page], flow: dict[str, Any]) -> Page:
    """Opens the editor and waits for the canvas."""
    page = open_page(f"/flows/{flow['id']}")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()
    expect(page.locator(".react-flow__node")).to_have_count(3)
    return page


def node(page: Page, title: str) -> Any:
    """Returns the card of a node."""
    return page.locator(".react-flow__node").filter(has_text=title).first


def said_in(document: dict[str, Any], name: str) -> list[str]:
    """Returns the texts of a conversation in the settings of a node; none that is not saved yet."""
    entries = document["graph"]["nodes"][name]["settings"].get("messages", [])
    return [one.get("text", "") for one in entries]


def until_saved(page: Page, reply: Callable[[], Any], wanted: Any) -> None:
    """Waits until the server holds what is wanted."""
    for _ in range(60):
        if reply() == wanted:
            return
        page.wait_for_timeout(100)
    assert reply() == wanted


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
    dialog.get_by_role("button", name="Version 1 Published First words").click()
    dialog.get_by_role("button", name="Restore into the draft").click()
    until_saved(
        page,
        lambda: draft(api, flow)["graph"]["nodes"]["greeting"]["settings"]["template"],
        "Hello {name}!",
    )


def test_a_failing_node_shows_why_on_itself(open_page: Callable[..., Page], api: httpx.Client) -> None:
    document = {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {
            "nodes": {
                "question": {"kind": "chat_input", "settings": {}},
                "page": {
                    "kind": "http_request",
                    "settings": {"url": "http://169.254.169.254/latest"},
                },
                "answer": {"kind": "chat_output", "settings": {}},
            },
            "edges": {"b": _edge("page", "output", "answer", "text")},
        },
    }
    reply = api.post("flows", json={"name": "Failing", "document": document})
    page = open_flow(open_page, reply.json())
    page.get_by_role("button", name="Chat", exact=True).first.click()
    page.get_by_label("Message", exact=True).fill("go")
    page.keyboard.press("Enter")
    expect(node(page, "HTTP request").locator("[data-run=failed]")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("log")).to_contain_text("169.254.169.254", timeout=20_000)


def test_a_kind_this_version_lacks_loses_nothing(open_page: Callable[..., Page], api: httpx.Client) -> None:
    strange = {"kind": "from_the_future", "settings": {"keep": [1, {"me": True}]}}
    document = {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {
            "nodes": {
                "question": {"kind": "chat_input", "settings": {}},
                "later": strange,
                "answer": {"kind": "chat_output", "settings": {}},
            },
            "edges": {
                "a": _edge("question", "text", "later", "in"),
                "b": _edge("later", "out", "answer", "text"),
            },
        },
    }
    flow = api.post("flows", json={"name": "Future", "document": document}).json()
    page = open_flow(open_page, flow)
    expect(page.locator("[data-unknown]")).to_have_count(1)
    page.get_by_placeholder("Search nodes").fill("note")
    page.keyboard.press("Enter")
    until_saved(page, lambda: len(draft(api, flow)["graph"]["nodes"]), 4)
    saved = draft(api, flow)["graph"]
    assert saved["nodes"]["later"]["settings"] == strange["settings"]
    assert {"a", "b"} <= set(saved["edges"])


def test_the_page_speaks_chinese_and_goes_dark(open_page: Callable[..., Page], flow: dict[str, Any]) -> None:
    page = open_page(f"/flows/{flow['id']}", locale="zh-CN", color_scheme="dark")
    expect(page.get_by_role("button", name="运行", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.mantineColorScheme") == "dark"
    assert page.evaluate("document.documentElement.lang").startswith("zh")


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


def test_the_form_of_a_flow_takes_a_file(open_page: Callable[..., Page], api: httpx.Client) -> None:
    document = {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {
            "nodes": {
                "paper": {"kind": "input", "settings": {"name": "paper", "type": "file"}},
                "copy": {"kind": "output", "settings": {"name": "copy"}},
            },
            "edges": {"a": _edge("paper", "output", "copy", "value")},
        },
    }
    reply = api.post("flows", json={"name": "Papers", "document": document})
    page = open_page(f"/flows/{reply.json()['id']}")
    page.get_by_role("button", name="Inputs", exact=True).click()
    form = page.locator("form").filter(has_text="paper")
    form.get_by_role("button", name="Run", exact=True).click()
    expect(form).to_contain_text("Needed: fill this in.")
    with page.expect_file_chooser() as chooser:
        form.get_by_text("Choose a file").click()
    chooser.value.set_files({"name": "plan.txt", "mimeType": "text/plain", "buffer": b"Dig here."})
    expect(form).to_contain_text("9 B")
    form.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("region", name="Result")).to_contain_text("plan.txt", timeout=20_000)


def test_a_prompt_with_roles_draws_on_the_nodes_before_it(
    open_page: Callable[..., Page], api: httpx.Client
) -> None:
    document = {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {
            "nodes": {
                "question": {"kind": "chat_input", "settings": {}},
                "talk": {"kind": "roles_prompt", "settings": {}},
                "said": {"kind": "output", "settings": {"name": "said"}},
            },
            "edges": {"a": _edge("talk", "output", "said", "value")},
        },
    }
    flow = api.post("flows", json={"name": "Roles", "document": document}).json()
    page = open_flow(open_page, flow)
    node(page, "Prompt with roles").click()
    panel = page.get_by_role("complementary", name="Panel of the node")
    expect(panel.get_by_label("Role", exact=True).first).to_have_value("System")
    text = panel.get_by_label("Text", exact=True).nth(1)
    text.press_sequentially("Answer {")
    page.get_by_role("option", name="Chat input · Text").click()
    expect(text).to_have_value("Answer {text}")
    panel.get_by_role("button", name="Add an entry").click()
    until_saved(page, lambda: said_in(draft(api, flow), "talk")[:2], ["", "Answer {text}"])
    wires = [(e["source"], e["target_port"]) for e in draft(api, flow)["graph"]["edges"].values()]
    assert sorted(wires) == [("question", "text"), ("talk", "value")]


SHAPES = """def run(names):
    return [{"name": name, "letters": len(name)} for name in names.split()]
"""
LARGE = """def run(rows):
    return "row " * 100_000
"""
DOT = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
TREE = """def run(names):
    return {"town": {"name": "Aster", "gates": [{"east": True}]}}
"""


def test_what_a_run_left_is_shown_by_its_kind_and_whole_where_it_was_cut(
    open_page: Callable[..., Page], api: httpx.Client
) -> None:
    functions = {
        "rows": {"kind": "function", "settings": {"code": SHAPES, "inputs": [{"name": "names"}]}},
        "large": {"kind": "function", "settings": {"code": LARGE, "inputs": [{"name": "rows"}]}},
        "tree": {"kind": "function", "settings": {"code": TREE, "inputs": [{"name": "names"}]}},
    }
    document = {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {
            "nodes": {
                "names": {"kind": "text", "settings": {"text": "Ann Bob Cid"}},
                "dot": {"kind": "text", "settings": {"text": DOT}},
                "words": {"kind": "text", "settings": {"text": "A **bold** word"}},
                **functions,
                "out": {"kind": "output", "settings": {"name": "out"}},
                "aside": {"kind": "note", "settings": {"text": "Counts **letters**."}},
            },
            "edges": {
                "a": _edge("names", "output", "rows", "names"),
                "b": _edge("rows", "output", "large", "rows"),
                "c": _edge("large", "output", "out", "value"),
                "d": _edge("names", "output", "tree", "names"),
            },
        },
        "ui": {
            "positions": {
                name: {"x": 320 * (at % 4), "y": 260 * (at // 4)}
                for at, name in enumerate(("names", "rows", "large", "out", "tree", "dot", "words"))
            }
        },
    }
    flow = api.post("flows", json={"name": "Shapes", "document": document}).json()
    page = open_page(f"/flows/{flow['id']}", viewport={"width": 1680, "height": 1000})
    expect(page.locator(".react-flow__node strong")).to_have_text("letters")
    expect(page.get_by_role("img", name="Map of the flow")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".react-flow__node [data-run=succeeded]")).to_have_count(7, timeout=30_000)
    expect(page.get_by_title("Items that passed: 3")).to_have_text("3")
    expect(page.locator("[data-id=rows]")).to_contain_text(re.compile(r"\d ?m?s"))

    page.locator("[data-id=rows]").click(position={"x": 60, "y": 12})
    page.get_by_role("tab", name="Last run").click()
    panel = page.get_by_role("complementary", name="Panel of the node")
    expect(panel.get_by_role("cell", name="Bob")).to_be_visible()
    page.locator("[data-id=large]").click(position={"x": 60, "y": 12})
    page.get_by_role("tab", name="Last run").click()
    with page.expect_response(re.compile(r"/runs/")) as whole:
        panel.get_by_role("button", name="Open whole").first.click()
    assert len(whole.value.body()) > 390_000

    def look_at(name: str) -> None:
        page.locator(f"[data-id={name}]").click(position={"x": 60, "y": 12})
        page.get_by_role("tab", name="Last run").click()

    look_at("tree")
    gates = panel.get_by_role("button", name=re.compile("gates"))
    expect(gates).to_have_attribute("aria-expanded", "false")
    gates.click()
    panel.get_by_role("button", name=re.compile(r"^▸?\s*0: ")).click()
    expect(panel.get_by_text("east:")).to_be_visible()
    look_at("dot")
    expect(panel.get_by_role("img", name="The value as an image")).to_be_visible()
    look_at("words")
    panel.get_by_text("Markdown", exact=True).last.click()
    expect(panel.locator("strong")).to_have_text("bold")


def test_a_form_has_a_field_for_every_setting_and_says_at_once_what_is_wrong(
    open_page: Callable[..., Page], api: httpx.Client
) -> None:
    document = {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {
            "nodes": {
                "ask": {"kind": "chat_input", "settings": {}},
                "call": {"kind": "http_request", "settings": {}},
                "think": {"kind": "chat_model", "settings": {}},
            },
            "edges": {"a": _edge("ask", "text", "think", "messages")},
        },
    }
    flow = api.post("flows", json={"name": "Forms", "document": document}).json()
    page = open_flow(open_page, flow)
    panel = page.get_by_role("complementary", name="Panel of the node")

    def settings(name: str) -> dict[str, Any]:
        return dict(draft(api, flow)["graph"]["nodes"][name]["settings"])

    node(page, "HTTP request").click()
    panel.get_by_label("Method", exact=True).click()
    page.get_by_role("option", name="POST").click()
    panel.get_by_role("button", name="Add a row").click()
    panel.get_by_label("Name 1").fill("X-Test")
    panel.get_by_label("Value 1").fill("yes")
    wait = panel.get_by_role("textbox", name="Longest wait")
    wait.fill("0")
    expect(panel.locator("[data-field=timeout]")).to_contain_text("Must be above 0.")
    wait.fill("5")
    address = panel.get_by_role("combobox", name="Address")
    address.fill("")
    address.press_sequentially("https://example.org/?q={")
    page.get_by_role("option", name="Chat input · Text").click()
    expect(address).to_have_value("https://example.org/?q={text}")
    body = panel.get_by_role("combobox", name="Body", exact=True)
    body.press_sequentially("/")
    page.get_by_role("option", name="Chat input · Text").click()
    expect(body).to_have_value("{text}")
    wanted = {
        "method": "POST",
        "headers": {"X-Test": "yes"},
        "timeout": 5,
        "url": "https://example.org/?q={text}",
        "body": "{text}",
    }
    until_saved(page, lambda: settings("call"), wanted)

    # A setting that a wire brings becomes a port, and a field again.
    port = page.locator("[data-id=call] .target[data-handleid=timeout]")
    panel.get_by_role("button", name="Longest wait: take the value from a wire").click()
    expect(port).to_be_visible()
    panel.get_by_role("button", name="Longest wait: write the value here").click()
    expect(port).to_have_count(0)

    # What is written into a text outlives another name of the node that it is from.
    page.keyboard.press("Escape")
    node(page, "Chat input").click()
    panel.get_by_label("Title of the node").fill("Question")
    node(page, "HTTP request").click()
    expect(panel.get_by_text("Question", exact=True).first).to_be_visible()

    # The models that there are, and a number by slider and by hand.
    node(page, "Chat model").click()
    panel.locator("[data-field=model]").get_by_role("combobox").click()
    expect(page.get_by_role("option", name=re.compile("SmolLM2", re.IGNORECASE)).first).to_be_visible()
    page.keyboard.press("Escape")
    warmth = panel.locator("[data-field=temperature]")
    warmth.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    expect(warmth.get_by_role("textbox")).not_to_have_value("")
    warmth.get_by_role("textbox").fill("0.5")
    until_saved(page, lambda: settings("think").get("temperature"), 0.5)
