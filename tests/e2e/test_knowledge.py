"""From a pile of files to cited answers. If this fails, documents are lost, or nobody sees why."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.conformance.documents import MADE, bomb_docx, drawn_text, encrypted_office
from tests.e2e.test_accessibility import violations
from tests.e2e.test_drawing import card, port, pull, still
from tests.e2e.test_first_minute import ask

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PATIENCE = 120_000
HANDBOOK = """<html><head><title>Workshop handbook</title></head><body><h1>Workshop handbook 车间手册</h1>
<p>The lathe is oiled every four days. Guards stay closed while the spindle turns.</p>
<p>车床每四天加一次油，加油之前先清扫铁屑。</p><table border=1><tr><th>Tool</th><th>Interval</th></tr>
<tr><td>Milling machine 铣床</td><td>7 days</td></tr></table></body></html>"""
NOTES = [
    ("The drill press stands beside the window.", "钻床放在窗户旁边。"),
    ("Gloves are not worn at the lathe.", "操作车床时不戴手套。"),
    ("Swarf is swept every evening.", "每天晚上清扫铁屑。"),
    ("The key of the store hangs in the office.", "仓库的钥匙挂在办公室里。"),
]
ADDED = "The oil for the lathe is Velocite number six."
DROP = """([target, files]) => {
  const carried = new DataTransfer();
  for (const { name, data } of files) {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    carried.items.add(new File([bytes], name));
  }
  for (const type of ['dragover', 'drop'])
    target.dispatchEvent(new DragEvent(type, { dataTransfer: carried, bubbles: true, cancelable: true }));
}"""


def look(page: Page, name: str) -> None:
    """Keeps a picture for whoever wants to look, in ``SHOTS``."""
    if folder := os.environ.get("SHOTS"):
        page.wait_for_timeout(300)
        page.screenshot(path=Path(folder) / f"{name}.png")


@pytest.fixture
def pile(tmp_path: Path, browser: Any) -> Path:
    """24 files of every format, English and Chinese; one of them has a password, one is a bomb."""
    page = browser.new_page()
    page.set_content(HANDBOOK)
    page.pdf(path=str(tmp_path / "workshop 车间.pdf"), format="A4")
    page.close()
    for key, (suffix, make) in MADE.items():
        if key not in ("image", "pdf"):
            make(tmp_path / f"library-{key}{suffix}")
    drawn_text(["The sign over the door says: mind the step.", "小心台阶。"]).save(tmp_path / "sign.png")
    drawn_text(["Invoice 4711: two drills.", "发票：两把钻头。"]).save(tmp_path / "scan.pdf", resolution=144)
    for number, (english, chinese) in enumerate(NOTES):
        (tmp_path / f"note {number}.md").write_text(f"# Note {number}\n\n{english}\n")
        (tmp_path / f"笔记 {number}.txt").write_text(
            f"第{number + 1}章 笔记\n\n{chinese}\n", encoding="gb18030"
        )
    (tmp_path / "lists.csv").write_text("tool,days\ndrill,12\n")
    encrypted_office(tmp_path / "locked.docx")
    bomb_docx(tmp_path / "bomb.docx")
    return tmp_path


def drop(page: Page, folder: Path) -> int:
    """Drops all files of a folder onto the documents, as a person does."""
    files = [
        {"name": path.name, "data": base64.b64encode(path.read_bytes()).decode()}
        for path in sorted(folder.iterdir())
    ]
    target = page.get_by_role("region", name="Documents")
    target.wait_for()
    page.evaluate(DROP, [target.element_handle(), files])
    return len(files)


def row(page: Page, name: str) -> Any:
    return page.get_by_role("row").filter(has_text=name)


def test_a_pile_of_files_becomes_answers_that_lead_back_to_their_place(
    open_page: Callable[..., Page], pile: Path
) -> None:
    barriers: list[str] = []
    # Rows that are out of sight are not drawn.
    page = open_page("/knowledge", viewport={"width": 1400, "height": 1700})
    page.get_by_role("button", name="New knowledge base").first.click()
    page.get_by_role("dialog").get_by_label("Name").fill("Workshop 车间")
    page.get_by_role("button", name="Create").click()
    page.wait_for_url(re.compile(r"/knowledge/[0-9a-f-]{36}$"))
    base = page.url

    count = drop(page, pile)
    assert count == 24
    expect(page.get_by_text(f"of {count} documents are done")).to_be_visible(timeout=PATIENCE)
    look(page, "watched")
    expect(row(page, "workshop").get_by_text("Ready")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Retry all failed (2)")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text(re.compile("documents are done"))).to_have_count(0, timeout=PATIENCE)
    expect(page.get_by_role("row").filter(has_text="Ready")).to_have_count(count - 2)
    barriers += violations(page)

    # One failed: why, what to do, and it is repaired with another file.
    row(page, "locked.docx").get_by_role("button", name=re.compile("^Why: ")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_contain_text("password")
    look(page, "failed")
    opened = pile / "opened.docx"
    MADE["docx"][1](opened)
    import docx

    written = docx.Document(str(opened))
    written.add_paragraph("The unlocked price list names the milling cutter at forty euros.")
    written.save(str(opened))
    with page.expect_file_chooser() as chosen:
        dialog.get_by_role("button", name="Replace the file").click()
    chosen.value.set_files(opened)
    expect(row(page, "opened.docx").get_by_text("Ready")).to_be_visible(timeout=PATIENCE)

    # Found, and why, by two settings; one of them becomes the base's own.
    page.get_by_role("tab", name="Retrieval test").click()
    page.get_by_label("Question").fill("车床多久加一次油？")
    page.get_by_label("Compare two settings").check()
    page.get_by_role("button", name="Search", exact=True).click()
    both, dense = page.get_by_role("region", name="Settings A"), page.get_by_role("region", name="Settings B")
    hit = both.get_by_role("article").first
    expect(hit.get_by_role("link", name=re.compile("Workshop"))).to_be_visible(timeout=PATIENCE)
    for stage in ("meaning", "words", "fused"):
        expect(hit.get_by_text(re.compile(f"^{stage} "))).to_be_visible()
    expect(dense.get_by_role("article").first.get_by_text(re.compile("^meaning "))).to_be_visible()
    expect(dense.get_by_text(re.compile("^words "))).to_have_count(0)
    look(page, "compared")
    both.get_by_label("Results").fill("3")
    both.get_by_role("button", name="Save as default").click()
    expect(page.get_by_text("These are the base's settings now.")).to_be_visible()
    page.get_by_label("Compare two settings").uncheck()
    hit = page.get_by_role("article").first
    hit.get_by_role("checkbox", name="This should be found").check()
    page.get_by_role("button", name=re.compile("^Keep as a test case")).click()
    page.get_by_role("button", name="Run all with the settings above").click()
    expect(page.get_by_text("recall@3")).to_contain_text("1.00", timeout=PATIENCE)
    look(page, "tested")

    # The hit leads to the page of the PDF, where it is marked.
    hit.get_by_role("link", name=re.compile("Workshop")).click()
    page.wait_for_url(re.compile(r"/documents/[0-9a-f-]{36}\?chunk="))
    drawn = page.get_by_role("img", name="Page 1")
    expect(drawn).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_label("The page is being drawn")).to_have_count(0, timeout=PATIENCE)
    expect(page.locator("[class*=box]").first).to_be_visible()
    look(page, "document")
    barriers += violations(page)

    # A chunk is edited, and stays marked.
    chunk = page.get_by_role("region", name="Chunks").get_by_role("article").first
    chunk.get_by_role("button", name=re.compile("^More for chunk")).click()
    page.get_by_role("menuitem", name="Edit").click()
    text = chunk.get_by_label("Text of the chunk")
    text.fill(f"{text.input_value()}\n{ADDED}")
    chunk.get_by_role("button", name="Save").click()
    expect(chunk.get_by_text("Edited")).to_be_visible()
    expect(chunk.get_by_text("Not indexed yet")).to_have_count(0, timeout=PATIENCE)

    # Asked in a flow: the answer cites, and the citation opens the place.
    page.goto(f"{base}?tab=test")
    expect(page.get_by_label("Results")).to_have_value("3")
    page.get_by_role("button", name="Use in a flow").click()
    page.get_by_role("button", name="Take over and open").click()
    page.wait_for_url(re.compile(r"/flows/[0-9a-f-]{36}"))
    page.goto(f"{page.url.partition('?')[0]}?chat=1")
    log = page.get_by_role("log")
    expect(log).to_contain_text("Ask me about “Workshop 车间”.")
    ask(page, "What is Velocite number six?")
    expect(log).to_contain_text("Velocite number six", timeout=PATIENCE)
    look(page, "answered")
    page.get_by_role("list", name="Sources").get_by_role("button").first.click()
    page.get_by_role("link", name="Open at its place in the document").click()
    page.wait_for_url(re.compile(r"/documents/[0-9a-f-]{36}\?chunk="))
    chunk = page.get_by_role("region", name="Chunks").get_by_role("article").first
    expect(chunk).to_contain_text(ADDED)
    expect(page.locator("[class*=box]").first).to_be_visible(timeout=PATIENCE)

    # Taken along and brought back, edits included.
    page.goto(base)
    page.get_by_role("button", name="More", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=re.compile("^Export")).click()
    archive = pile / "base.zip"
    download.value.save_as(archive)
    page.goto("/knowledge")
    look(page, "list")
    page.get_by_label("Import a knowledge base").set_input_files(archive)
    page.wait_for_url(re.compile(rf"/knowledge/(?!{base[-36:]})[0-9a-f-]{{36}}$"), timeout=PATIENCE)
    expect(page.get_by_role("heading", name="Workshop 车间 (2)")).to_be_visible()
    expect(row(page, "workshop").get_by_text("Ready")).to_be_visible(timeout=PATIENCE)
    row(page, "workshop").get_by_role("link").click()
    expect(page.get_by_role("region", name="Chunks").get_by_text(ADDED)).to_be_visible()
    assert barriers == [], barriers


def test_a_version_brings_back_what_was_deleted(open_page: Callable[..., Page], api: Any) -> None:
    base = api.post("knowledge", json={"name": "Versions"}).json()["id"]
    api.post(f"knowledge/{base}/texts", json={"name": "one", "text": "The first text."}).raise_for_status()
    page = open_page(f"/knowledge/{base}")
    expect(row(page, "one.txt").get_by_text("Ready")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("tab", name="Versions").click()
    page.get_by_label("Note").fill("before the cleaning")
    page.get_by_role("button", name="Keep a version").click()
    expect(page.get_by_text("before the cleaning")).to_be_visible()
    page.get_by_role("tab", name="Documents").click()
    page.get_by_role("button", name="More for one.txt").click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete 1 document?")
    dialog.get_by_role("button", name="Keep them").click()
    expect(page.get_by_role("checkbox", name="Choose one.txt")).to_be_checked()
    page.get_by_role("toolbar").get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("row").filter(has_text="one.txt")).to_have_count(0)

    page.get_by_role("tab", name="Versions").click()
    page.get_by_role("button", name="Go back to it").click()
    page.get_by_role("dialog").get_by_role("button", name="Go back", exact=True).click()

    page.get_by_role("tab", name="Documents").click()
    expect(row(page, "one.txt").get_by_text("Ready")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("tab", name="Versions").click()
    page.get_by_role("button", name="Forget version 1").click()
    forgotten = page.get_by_role("dialog", name="Forget version 1?")
    forgotten.get_by_role("button", name="Keep it").click()
    expect(page.get_by_text("before the cleaning")).to_be_visible()
    page.get_by_role("button", name="Forget version 1").click()
    look(page, "forget")
    forgotten.get_by_role("button", name="Forget it").click()
    expect(page.get_by_text("before the cleaning")).to_have_count(0)
    found = violations(page)
    assert found == [], found


def test_retriever_and_reranker_are_dragged_into_a_flow_that_then_cites(
    open_page: Callable[..., Page], api: httpx.Client
) -> None:
    base = api.post("knowledge", json={"name": "Dragged 图书"}).json()["id"]
    for name, text in (("cards", "A card for the library costs nine guilders."), ("cats", "Cats sleep.")):
        api.post(f"knowledge/{base}/texts", json={"name": name, "text": text}).raise_for_status()
    nodes = {"ask": "chat_input", "answer": "cited_answer", "say": "chat_output"}
    places = {"ask": (0, 0), "answer": (900, 0), "say": (1250, 0)}
    ends = [
        ("ask", "messages", "answer", "question"),
        ("answer", "text", "say", "text"),
        ("answer", "citations", "say", "citations"),
    ]
    wires = {
        str(n): dict(zip(("source", "source_port", "target", "target_port"), end, strict=True))
        for n, end in enumerate(ends)
    }
    graph = {"nodes": {key: {"kind": kind} for key, kind in nodes.items()}, "edges": wires}
    positions = {key: {"x": x, "y": y} for key, (x, y) in places.items()}
    document = {"schema": "flowloft/flow", "schema_version": 1, "kind": "flow", "graph": graph}
    document |= {"ui": {"positions": positions, "groups": {}}}
    made = api.post("flows", json={"name": "Dragged", "document": document})
    assert made.status_code == 201, made.text
    page = open_page(f"/flows/{made.json()['id']}", viewport={"width": 1680, "height": 1000})
    expect(page.locator(".react-flow__node")).to_have_count(3)
    still(page)
    start, end = port(page, "ask", "source", "text"), port(page, "answer", "target", "documents")
    for name, share, below, count in (("Knowledge retriever", 0.3, 160, 4), ("Reranker", 0.6, 330, 5)):
        page.get_by_placeholder("Search nodes").fill(name)
        pane = page.locator(".react-flow__pane")
        box = pane.bounding_box()
        assert box
        x = start[0] + share * (end[0] - start[0]) - box["x"]
        item = page.locator("[draggable=true]").filter(has_text=name).first
        item.drag_to(pane, target_position={"x": x, "y": start[1] + below - box["y"]})
        expect(page.locator(".react-flow__node")).to_have_count(count)
        still(page)
    for one, out, other, into in (
        ("ask", "text", "knowledge_retriever_1", "query"),
        ("ask", "text", "reranker_1", "query"),
        ("knowledge_retriever_1", "output", "reranker_1", "documents"),
        ("reranker_1", "output", "answer", "documents"),
    ):
        pull(page, port(page, one, "source", out), port(page, other, "target", into))
    card(page, "knowledge_retriever_1").click(position={"x": 60, "y": 12})
    page.get_by_label("Knowledge base").first.click()
    page.get_by_role("option", name="Dragged 图书").click()
    page.keyboard.press("Escape")
    look(page, "dragged")
    page.keyboard.press("Control+Enter")
    ask(page, "What does a card cost?")
    expect(page.get_by_role("log")).to_contain_text("nine guilders", timeout=PATIENCE)
    look(page, "dragged-answer")
    page.get_by_role("list", name="Sources").get_by_role("button").first.click()
    page.get_by_role("link", name="Open at its place in the document").click()
    page.wait_for_url(re.compile(rf"/knowledge/{base}/documents/[0-9a-f-]{{36}}\?chunk="))
    expect(page.locator("mark").filter(has_text="nine guilders")).to_be_visible(timeout=PATIENCE)


def test_chunks_are_split_merged_added_and_switched_off_by_hand(
    open_page: Callable[..., Page], api: httpx.Client
) -> None:
    base = api.post("knowledge", json={"name": "Chunks by hand"}).json()["id"]
    text = "The first half of it. The second half of it."
    document = api.post(f"knowledge/{base}/texts", json={"name": "one", "text": text}).json()["document"][
        "id"
    ]
    page = open_page(f"/knowledge/{base}/documents/{document}")
    chunks = page.get_by_role("region", name="Chunks").get_by_role("article")
    expect(chunks).to_have_count(1, timeout=PATIENCE)

    def choose(chunk: Any, action: str) -> None:
        chunk.get_by_role("button", name=re.compile("^More for chunk")).click()
        page.get_by_role("menuitem", name=action, exact=True).click()

    choose(chunks.first, "Edit")
    field = chunks.first.get_by_label("Text of the chunk")
    field.evaluate("(field) => field.setSelectionRange(22, 22)")
    chunks.first.get_by_role("button", name="Split at the cursor").click()
    expect(chunks).to_have_count(2)
    expect(chunks.nth(1)).to_contain_text("The second half of it.")
    look(page, "split")
    choose(chunks.first, "Merge with the next")
    expect(chunks).to_have_count(1)
    page.get_by_role("button", name="Add a chunk").click()
    page.get_by_label("Text of the new chunk").fill("Added by a person.")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(chunks).to_have_count(2)
    added = chunks.filter(has_text="Added by a person.")
    expect(added.get_by_text("Added", exact=True)).to_be_visible()
    choose(added, "Switch off")
    expect(added.get_by_text("Switched off")).to_be_visible()
    expect(page.get_by_text("Not indexed yet")).to_have_count(0, timeout=PATIENCE)
    look(page, "by-hand")
    found = api.post(f"knowledge/{base}/search", json={"query": "half person", "settings": {"mode": "text"}})
    assert [hit["text"] for hit in found.json()["hits"]] == [text]
