"""Talking with a flow by hand. If these fail, what people said, thought or attached is lost to them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e import drawn
from tests.stubs.model_server import KEY, WORDS, model_server

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PATIENCE = 60_000
"""Milliseconds that a run may take on a busy machine."""

RICH = """A table, a formula and code:

| Part | Interval |
|---|---:|
| Filter | 40 h |

So $w = k \\frac{{F}}{{H}}$, or \\[ \\sum_i s_i \\]

```python
def wear(hours):
    return hours * 0.2
```

You said: {q}

{files}
"""
LONG = "\n\n".join(f"Paragraph {number} of a long answer." for number in range(60))


def look(page: Page, name: str) -> None:
    """Keeps a picture for whoever wants to look, in ``SHOTS``."""
    if folder := os.environ.get("SHOTS"):
        page.wait_for_timeout(500)
        page.screenshot(path=Path(folder) / f"{name}.png")


def made(api: httpx.Client, name: str, nodes: dict[str, Any], *edges: tuple[str, str, str, str]) -> str:
    """Saves a flow; returns its id."""
    return str(drawn.made(api, name, nodes, *edges)["id"])


@pytest.fixture
def workshop(api: httpx.Client) -> str:
    """A published flow that answers richly, with what was attached."""
    flow = made(
        api,
        "Workshop",
        {
            "ask": {"kind": "chat_input", "settings": {"files": "documents"}},
            "read": {"kind": "read_files"},
            "say": {"kind": "prompt", "settings": {"template": RICH}},
            "out": {"kind": "chat_output"},
        },
        ("ask", "text", "say", "q"),
        ("ask", "files", "read", "files"),
        ("read", "text", "say", "files"),
        ("say", "output", "out", "text"),
    )
    assert api.post(f"flows/{flow}/versions", json={"message": "first"}).status_code == 201
    return flow


def say(page: Page, text: str) -> None:
    """Sends a message and waits until its answer stands."""
    answers = page.get_by_role("article", name="Answer")
    count = answers.count()
    page.get_by_role("textbox", name="Message", exact=True).fill(text)
    page.keyboard.press("Enter")
    expect(answers).to_have_count(count + 1, timeout=PATIENCE)
    expect(page.get_by_role("button", name="Ask again")).to_be_visible(timeout=PATIENCE)


def test_a_published_chat_branches_is_rated_found_and_taken_along(
    open_page: Callable[..., Page], api: httpx.Client, workshop: str
) -> None:
    page = open_page(f"/flows/{workshop}/chat")
    expect(page.get_by_text("Version 1")).to_be_visible()
    page.locator("input[type=file]").set_input_files(
        [
            {"name": "oil.txt", "mimeType": "text/plain", "buffer": b"Every 40 hours."},
            {"name": "tool.exe", "mimeType": "application/octet-stream", "buffer": b"MZ"},
        ]
    )
    expect(page.get_by_role("alert")).to_contain_text("tool.exe: this flow takes documents only")
    expect(page.get_by_role("list", name="Attached files")).to_contain_text("oil.txt")
    say(page, "How often?")
    answer = page.get_by_role("article", name="Answer")
    expect(answer).to_contain_text("Every 40 hours.")
    expect(answer.locator("table td").first).to_have_text("Filter")
    expect(answer.locator(".katex-display")).to_be_visible()
    expect(answer.locator(".katex")).to_have_count(2)
    expect(answer.locator(".hljs-keyword").first).to_have_text("def")
    look(page, "chat-answer")

    # Said otherwise: a branch, and the way back to the first.
    page.get_by_role("button", name="Say it otherwise").click()
    page.get_by_label("The message, said otherwise").fill("How often is the belt changed?")
    page.keyboard.press("Enter")
    expect(answer).to_contain_text("You said: How often is the belt changed?", timeout=PATIENCE)
    expect(page.get_by_text("2/2")).to_be_visible()
    page.get_by_role("button", name="The version before").click()
    expect(answer).to_contain_text("You said: How often?")
    page.reload()
    expect(page.get_by_text("1/2")).to_be_visible()

    # Thumbs down, with a reason and the answer as it should have been; then a dataset of it.
    answer.get_by_role("button", name="Bad answer").click()
    asked = page.get_by_role("form", name="What was wrong?")
    asked.get_by_text("Not true").click()
    right = asked.get_by_label("As it should have been")
    right.fill("Every 50 hours.")
    page.route("**/feedback", lambda route: route.abort())  # What was written outlives a save that fails.
    asked.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(right).to_have_value("Every 50 hours.")
    page.unroute("**/feedback")
    asked.get_by_role("button", name="Save").click()
    expect(asked).to_be_hidden()
    page.get_by_role("link", name="What was thought of the answers").click()
    expect(page.get_by_text("Every 50 hours.")).to_be_visible()
    look(page, "feedback")
    page.get_by_role("button", name="Save as dataset").click()
    page.get_by_role("textbox", name="Name").fill("Corrected")
    page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("1 example is in “Corrected”, version 1.")).to_be_visible()
    saved = next(one for one in api.get("datasets").json()["results"] if one["name"] == "Corrected")
    rows = api.get(f"datasets/versions/{saved['versions'][0]['id']}/examples").json()["examples"]
    assert rows[0]["messages"][-1] == {"role": "assistant", "content": "Every 50 hours."}
    page.go_back()

    # Found by words of the other branch, renamed, exported, deleted.
    page.get_by_role("button", name="New chat").click()
    say(page, "Something about pumps")
    chats = page.get_by_role("list", name="Chats")
    expect(chats.get_by_role("listitem")).to_have_count(2)
    page.get_by_label("Search the chats").fill("BELT changed")
    expect(chats.get_by_role("listitem")).to_have_count(1)
    chats.get_by_role("button", name=re.compile("^More about")).click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Export as Markdown").click()
    assert "How often?" in download.value.path().read_text()
    chats.get_by_role("button", name=re.compile("^More about")).click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_label("Title").fill("Belts")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_label("Search the chats").fill("belts")
    expect(chats).to_contain_text("Belts")
    chats.get_by_role("button", name=re.compile("^More about")).click()
    page.get_by_role("menuitem", name="Delete this chat").click()
    page.get_by_role("dialog", name="Delete “Belts”?").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No chat has these words.")).to_be_visible()
    page.get_by_label("Search the chats").fill("")
    expect(chats.get_by_role("listitem")).to_have_count(1)

    # From the answer to how it came about.
    chats.get_by_role("listitem").get_by_role("button").first.click()
    page.get_by_role("link", name="How it came about").click()
    expect(page).to_have_url(re.compile(r"/runs/[0-9a-f-]{36}"))


def test_the_page_stays_where_the_reader_is(open_page: Callable[..., Page], api: httpx.Client) -> None:
    code = "import time\n\n\ndef main(x):\n    time.sleep(2)\n    return x\n"
    flow = made(
        api,
        "Long answers",
        {
            "ask": {"kind": "chat_input"},
            "long": {"kind": "prompt", "settings": {"template": LONG + "\n\n{q}"}},
            "slow": {"kind": "function", "settings": {"code": code, "inputs": [{"name": "x"}]}},
            "out": {"kind": "chat_output"},
        },
        ("ask", "text", "long", "q"),
        ("long", "output", "slow", "x"),
        ("slow", "output", "out", "text"),
    )
    page = open_page(f"/flows/{flow}/chat")
    say(page, "one")
    log = page.get_by_role("log", name="Messages")
    page.get_by_role("textbox", name="Message", exact=True).fill("two")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article", name="Answer")).to_have_count(2, timeout=PATIENCE)
    # While it works, the reader goes up to read.
    log.evaluate("element => element.scrollTo(0, 200)")
    expect(page.get_by_role("button", name="To the newest")).to_be_visible()
    expect(page.get_by_text("Paragraph 59")).to_have_count(2, timeout=PATIENCE)
    assert log.evaluate("element => element.scrollTop") == 200
    page.get_by_role("button", name="To the newest").click()
    expect(page.get_by_role("button", name="To the newest")).to_be_hidden()
    page.wait_for_function(
        "() => { const e = document.querySelector('[role=log]');"
        " return e.scrollHeight - e.scrollTop - e.clientHeight < 48; }"
    )


PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def test_a_picture_reaches_the_model_and_several_nodes_answer_under_their_names(
    open_page: Callable[..., Page], api: httpx.Client
) -> None:
    with model_server() as server:
        given = {"name": "eyes", "provider": "openai_compatible", "base_url": server.url, "api_key": KEY}
        assert api.post("connections", json=given).status_code == 201
        flow = made(
            api,
            "What is in it",
            {
                "ask": {"kind": "chat_input", "settings": {"files": "pictures"}},
                "look": {"kind": "chat_model", "title": "Looks", "settings": {"model": "eyes/good"}},
                "sort": {"kind": "prompt", "title": "Sorts", "settings": {"template": "Under: {q}"}},
                "said": {"kind": "chat_output"},
                "aside": {"kind": "chat_output"},
            },
            ("ask", "messages", "look", "messages"),
            ("ask", "text", "sort", "q"),
            ("look", "output", "said", "text"),
            ("sort", "output", "aside", "text"),
        )
        page = open_page(f"/flows/{flow}?chat=1")
        page.locator("input[type=file]").last.set_input_files(
            [
                {"name": "dot.png", "mimeType": "image/png", "buffer": PICTURE},
                {"name": "oil.txt", "mimeType": "text/plain", "buffer": b"Every 40 hours."},
            ]
        )
        expect(page.get_by_role("alert")).to_contain_text("oil.txt: this flow takes pictures only")
        expect(
            page.get_by_role("list", name="Attached files").get_by_role("img", name="dot.png")
        ).to_be_visible()
        say(page, "What is this?")

        # The picture stands in the message, as a picture, and the model got it.
        shown = page.get_by_role("log").get_by_role("img", name="dot.png")
        expect(shown).to_be_visible()
        assert shown.evaluate("image => image.complete && image.naturalWidth") == 1
        content = next(one for one in server.requests if one.get("messages"))["messages"][-1]["content"]
        kinds = {part["type"]: part for part in content}
        assert kinds["text"]["text"] == "What is this?"
        assert kinds["image_url"]["image_url"]["url"].startswith("data:image/png;base64,")

        # Who says what, while it comes and after a reload.
        for _ in range(2):
            expect(page.get_by_role("region", name="Looks")).to_contain_text("".join(WORDS))
            expect(page.get_by_role("region", name="Sorts")).to_contain_text("Under: What is this?")
            look(page, "chat-two-speakers")
            page.reload()
