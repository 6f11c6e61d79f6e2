"""Forms: what a node is told, and what it left, seen and changed in its panel."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.drawn import draft, made, node, open_flow, until_saved
from tests.stubs.model_server import KEY, model_server
from tests.stubs.web_server import web_server

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def said_in(document: dict[str, Any], name: str) -> list[str]:
    """Returns the texts of a conversation in the settings of a node; none that is not saved yet."""
    entries = document["graph"]["nodes"][name]["settings"].get("messages", [])
    return [one.get("text", "") for one in entries]


def test_the_form_of_a_flow_takes_a_file(open_page: Callable[..., Page], api: httpx.Client) -> None:
    nodes = {
        "paper": {"kind": "input", "settings": {"name": "paper", "type": "file"}},
        "copy": {"kind": "output", "settings": {"name": "copy"}},
    }
    wires = [("paper", "output", "copy", "value")]
    saved = made(api, "Papers", nodes, *wires)
    page = open_page(f"/flows/{saved['id']}")
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
    nodes = {
        "question": {"kind": "chat_input", "settings": {}},
        "talk": {"kind": "roles_prompt", "settings": {}},
        "said": {"kind": "output", "settings": {"name": "said"}},
    }
    wires = [("talk", "output", "said", "value")]
    flow = made(api, "Roles", nodes, *wires)
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
    nodes = {
        "names": {"kind": "text", "settings": {"text": "Ann Bob Cid"}},
        "dot": {"kind": "text", "settings": {"text": DOT}},
        "words": {"kind": "text", "settings": {"text": "A **bold** word"}},
        **functions,
        "out": {"kind": "output", "settings": {"name": "out"}},
        "aside": {"kind": "note", "settings": {"text": "Counts **letters**."}},
    }
    wires = [
        ("names", "output", "rows", "names"),
        ("rows", "output", "large", "rows"),
        ("large", "output", "out", "value"),
        ("names", "output", "tree", "names"),
    ]
    ui = {
        "positions": {
            name: {"x": 320 * (at % 4), "y": 260 * (at // 4)}
            for at, name in enumerate(("names", "rows", "large", "out", "tree", "dot", "words"))
        }
    }
    flow = made(api, "Shapes", nodes, *wires, ui=ui)
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
    nodes = {
        "ask": {"kind": "chat_input", "settings": {}},
        "call": {"kind": "http_request", "settings": {}},
        "think": {"kind": "chat_model", "settings": {}},
    }
    wires = [("ask", "text", "think", "messages")]
    flow = made(api, "Forms", nodes, *wires)
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


def test_what_a_model_costs_is_known_before_and_what_it_used_after(
    open_page: Callable[..., Page], api: httpx.Client
) -> None:
    with model_server() as server:
        given = {"name": "shop", "provider": "openai_compatible", "base_url": server.url, "api_key": KEY}
        saved = api.post("connections", json=given).json()
        model = next(one["model"] for one in saved["models"] if one["job"] == "chat")
        price = {"provider": "openai_compatible", "model": model, "currency": "USD", "input": 2, "output": 8}
        assert api.put("models/prices", json=price).status_code == 200
        nodes = {
            "ask": {"kind": "chat_input"},
            "think": {"kind": "chat_model"},
            "say": {"kind": "chat_output"},
        }
        wires = [("ask", "messages", "think", "messages"), ("think", "output", "say", "text")]
        flow = made(api, "Costs", nodes, *wires)
        page = open_flow(open_page, flow)
        node(page, "Chat model").click()
        picker = page.locator("[data-field=model]")
        picker.get_by_role("combobox").click()
        shop = page.get_by_role("group", name="shop", exact=True)
        offer = shop.get_by_role("option", name=re.compile(re.escape(model))).filter(has_text="$2")
        expect(offer).to_contain_text("$8")
        offer.click()
        expect(picker).to_contain_text("$2.00 to read and $8.00 to write a million tokens")
        until_saved(
            page,
            lambda: draft(api, flow)["graph"]["nodes"]["think"]["settings"].get("model"),
            f"shop/{model}",
        )
        page.keyboard.press("Escape")
        page.keyboard.press("Control+Enter")
        page.keyboard.type("Hello")
        page.keyboard.press("Enter")
        # 7 tokens read at 2, 4 written at 8 dollars a million.
        expect(node(page, "Chat model")).to_contain_text("11 tokens · $0.000046", timeout=30_000)
        node(page, "Chat model").locator("button").first.click()
        panel = page.get_by_role("complementary", name="Panel of the node")
        expect(panel).to_contain_text("$0.000046")


def test_a_key_is_kept_apart_from_the_flow_and_sent_to_its_own_address_only(
    open_page: Callable[..., Page], api: httpx.Client
) -> None:
    with web_server() as web:
        calls = {"url": f"{web.url}/echo?q={{text}}"}
        nodes = {
            "ask": {"kind": "chat_input"},
            "call": {"kind": "http_request", "settings": calls},
            "say": {"kind": "chat_output"},
        }
        wires = [("ask", "text", "call", "text"), ("call", "output", "say", "text")]
        flow = made(api, "Weather", nodes, *wires)
        page = open_flow(open_page, flow)
        node(page, "HTTP request").click()
        field = page.locator("[data-field=key]")
        field.get_by_role("button", name="Keep a new key").click()
        expect(field.get_by_label("For the address")).to_have_value(web.url)
        field.get_by_label("Name of the key").fill("weather")
        field.get_by_label("The key itself").fill("k-7654321")
        field.get_by_role("button", name="Save").click()
        expect(field).to_contain_text(f"Sent to {web.url} only.")
        until_saved(
            page, lambda: draft(api, flow)["graph"]["nodes"]["call"]["settings"].get("key"), "weather/key"
        )
        for place in (f"flows/{flow['id']}/draft", "connections", "models"):
            assert "k-7654321" not in api.get(place).text
        page.reload()
        node(page, "HTTP request").click()
        expect(field.get_by_role("combobox")).to_have_value("weather")
        assert "k-7654321" not in page.content()


def test_what_is_wrong_in_code_is_marked_at_its_line(
    open_page: Callable[..., Page], api: httpx.Client
) -> None:
    nodes = {
        "ask": {"kind": "chat_input"},
        "work": {"kind": "function"},
        "say": {"kind": "chat_output"},
    }
    wires = [("ask", "text", "work", "text"), ("work", "output", "say", "text")]
    page = open_flow(open_page, made(api, "Code", nodes, *wires))
    node(page, "Function").click()
    field = page.locator("[data-field=code]")
    code = field.locator(".cm-content")
    code.click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text("def run(text):\n    words = text.split(\n    return words\n")
    expect(field).to_contain_text("line 2")
    mark = field.locator(".cm-lint-marker-error")
    expect(mark).to_have_count(1)
    line, bad = mark.bounding_box(), code.locator(".cm-line").nth(1).bounding_box()
    assert line
    assert bad
    assert bad["y"] <= line["y"] + line["height"] / 2 <= bad["y"] + bad["height"]
    expect(node(page, "Function").locator("[data-level=error]").first).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("def run(text):\n    return text.split()\n")
    expect(mark).to_have_count(0)


def test_a_wire_is_drawn_by_key_and_what_can_not_be_connected_says_why(
    open_page: Callable[..., Page], api: httpx.Client
) -> None:
    nodes = {
        "ask": {"kind": "chat_input"},
        "talk": {"kind": "prompt", "settings": {"template": "Hello {name}!"}},
        "say": {"kind": "chat_output"},
    }
    flow = made(api, "By key", nodes, ("ask", "text", "say", "text"))
    page = open_flow(open_page, flow)
    expect(page.locator(".react-flow__edge")).to_have_count(1)
    node(page, "Chat input").click(position={"x": 60, "y": 12})
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    dialog = page.get_by_role("dialog", name="Connect Chat input to…")
    # What there is already, and what does not fit, stands below with the reason, and does nothing.
    expect(
        dialog.get_by_role("option", name=re.compile("Chat output · Text.*Connected already"))
    ).to_be_visible()
    citations = dialog.get_by_role("option", name=re.compile("Chat output · Citations.*Takes")).first
    expect(citations).to_contain_text(re.compile("Takes .+, not .+"))
    expect(citations).to_have_attribute("aria-disabled", "true")
    page.keyboard.type("prompt name")
    page.keyboard.press("Enter")
    expect(page.locator(".react-flow__edge")).to_have_count(2)
    expect(page.get_by_role("status").filter(has_text="Connect")).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(page.locator(".react-flow__edge")).to_have_count(1)

    # Nothing fits at all: that is said at once, to a screen reader as well.
    node(page, "Chat output").click(position={"x": 60, "y": 12})
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    dialog = page.get_by_role("dialog", name="Connect Chat output to…")
    expect(dialog.get_by_role("status")).to_contain_text(re.compile("gives nothing|No input takes"))
