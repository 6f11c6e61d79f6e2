"""A flow leaves the studio as Python, runs without it, and comes back the same."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.drawn import until_saved
from tests.e2e.test_editor import draft, flow, open_flow

__all__ = ["flow"]

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def choose(page: Page, command: str) -> None:
    """Picks a line of the flow's menu."""
    page.get_by_role("button", name="Menu of the flow").click()
    page.get_by_role("menuitem", name=command, exact=True).click()


def save_file(page: Page, command: str, folder: Path) -> Path:
    """Exports by the menu; returns the file."""
    with page.expect_download() as waited:
        choose(page, command)
    target = folder / waited.value.suggested_filename
    waited.value.save_as(target)
    return target


def import_file(page: Page, api: httpx.Client, file: Path) -> dict[str, Any]:
    """Imports a file on the start page; returns the document of the flow it became."""
    page.goto("/")
    with page.expect_file_chooser() as asked:
        page.get_by_role("button", name="Import", exact=True).click()
    asked.value.set_files(file)
    page.wait_for_url(re.compile(r"/flows/[0-9a-f-]{36}$"))
    found = re.search(r"/flows/([0-9a-f-]{36})", page.url)
    assert found
    return draft(api, {"id": found.group(1)})


def test_a_flow_runs_as_a_python_file_and_comes_back(
    open_page: Callable[..., Page], api: httpx.Client, flow: dict[str, Any], tmp_path: Path
) -> None:
    page = open_flow(open_page, flow)
    source = save_file(page, "Export as Python", tmp_path)
    assert source.name == "Greeter.py"
    assert source.read_text("utf-8") == api.get(f"flows/{flow['id']}/export?format=python").text
    done = subprocess.run(
        [sys.executable, str(source), "Ada"], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout == "Hello Ada!\n"
    back = import_file(page, api, source)
    assert back["graph"] == draft(api, flow)["graph"]
    expect(page.locator(".react-flow__node")).to_have_count(3)


def test_a_template_comes_back_from_each_kind_of_file(
    open_page: Callable[..., Page], api: httpx.Client, tmp_path: Path
) -> None:
    made = api.post("flows", json={"template": "story", "name": "故事"}).json()
    page = open_page(f"/flows/{made['id']}")
    expect(page.locator(".react-flow__node").first).to_be_visible()
    files = [save_file(page, command, tmp_path) for command in ("Export as Python", "Export as JSON")]
    assert [file.name for file in files] == ["故事.py", "故事.json"]
    files.append(tmp_path / "故事.yaml")
    files[-1].write_bytes(api.get(f"flows/{made['id']}/export?format=yaml").content)
    for file in files:
        assert import_file(page, api, file)["graph"] == draft(api, made)["graph"]


def test_the_code_beside_the_canvas_follows_what_is_drawn(
    open_page: Callable[..., Page], flow: dict[str, Any]
) -> None:
    page = open_flow(open_page, flow)
    choose(page, "Show the code")
    code = page.get_by_label("The draft as Python", exact=True)
    expect(code).to_contain_text('greeting = flow.prompt(id="greeting", template="Hello {name}!"')
    page.locator(".react-flow__node").filter(has_text="Prompt").first.click()
    page.keyboard.press("b")
    expect(code).to_contain_text("disabled=True")
    choose(page, "Show the code")
    expect(code).to_have_count(0)


def type_over(page: Page, was: str, becomes: str) -> None:
    """Replaces a text in the code, as a person does: with the mouse and the keyboard."""
    code = page.get_by_label("The draft as Python", exact=True)
    code.locator(".cm-line").filter(has_text=was).first.click()
    page.keyboard.press("Home")
    line = code.locator(".cm-line").filter(has_text=was).first.inner_text()
    for _ in range(line.index(was) - (len(line) - len(line.lstrip()))):
        page.keyboard.press("ArrowRight")
    for _ in was:
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.type(becomes)


def test_the_canvas_follows_the_code_in_one_step_and_a_mistake_changes_nothing(
    open_page: Callable[..., Page], api: httpx.Client, flow: dict[str, Any]
) -> None:
    page = open_flow(open_page, flow)
    choose(page, "Show the code")
    code = page.get_by_label("The draft as Python", exact=True)
    expect(code).to_contain_text('template="Hello {name}!"')
    first = draft(api, flow)["graph"]

    type_over(page, "Hello", "Good morning")
    card = page.locator(".react-flow__node").filter(has_text="Prompt").first
    expect(card).to_contain_text("Good morning")
    page.keyboard.type(" and (")  # still text
    expect(card).to_contain_text("Good morning and (")
    card.click()
    expect(page.get_by_label("Template", exact=True)).to_have_value("Good morning and ( {name}!")
    page.keyboard.press("Escape")

    type_over(page, "id=", "id=(")
    expect(page.get_by_role("alert")).to_contain_text("Line")
    expect(page.locator(".cm-lint-marker-error")).to_be_visible()
    expect(page.locator(".react-flow__node")).to_have_count(3)
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(code).not_to_contain_text("id=(")

    page.locator(".react-flow__pane").click(position={"x": 20, "y": 20})
    page.keyboard.press("Control+z")
    expect(card).to_contain_text("Hello {name}!")
    expect(code).to_contain_text('template="Hello {name}!"')
    until_saved(page, lambda: draft(api, flow)["graph"], first)


def test_a_flow_written_by_hand_is_pasted_into_the_code(
    open_page: Callable[..., Page], api: httpx.Client, flow: dict[str, Any]
) -> None:
    page = open_flow(open_page, flow)
    choose(page, "Show the code")
    code = page.get_by_label("The draft as Python", exact=True)
    expect(code).to_contain_text("chat_input")
    code.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text("from flowloft import pipeline\n\nflow = pipeline(str.strip, str.upper)\n")
    expect(page.locator(".react-flow__node")).to_have_count(4)
    expect(page.get_by_text("2 remarks")).to_be_visible()
    page.locator(".react-flow__pane").click(position={"x": 20, "y": 20})
    expect(code).to_contain_text("flow.function(")
    page.keyboard.press("Control+z")
    expect(page.locator(".react-flow__node")).to_have_count(3)
