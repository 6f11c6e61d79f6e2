"""Flows leave in a file and come back: by the page alone, as people do it."""

from __future__ import annotations

import base64
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_editor import draft, flow, open_flow
from tests.e2e.test_export import choose

__all__ = ["flow"]

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def export(page: Page, folder: Path) -> Path:
    """Makes the export that the dialog proposes and fetches its file."""
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("status")).to_contain_text("1 flow")
    dialog.get_by_role("button", name="Export", exact=True).click()
    expect(dialog).to_have_count(0)
    row = page.get_by_role("article").first
    expect(row).to_contain_text("Succeeded")
    with page.expect_download() as waited:
        row.get_by_role("link", name="Download").click()
    target = folder / waited.value.suggested_filename
    waited.value.save_as(target)
    return target


def drop(page: Page, file: Path) -> None:
    """Lets a file fall onto the page."""
    page.evaluate(
        """([name, content]) => {
            const bytes = Uint8Array.from(atob(content), (mark) => mark.charCodeAt(0));
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([bytes], name));
            const place = document.querySelector("h1");
            for (const type of ["dragenter", "dragover", "drop"])
                place.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
        }""",
        [file.name, base64.b64encode(file.read_bytes()).decode()],
    )


def test_a_deleted_flow_comes_back_and_runs(
    open_page: Callable[..., Page], api: httpx.Client, flow: dict[str, Any], tmp_path: Path
) -> None:
    page = open_flow(open_page, flow)
    before = draft(api, flow)["graph"]
    choose(page, "Export with all it needs")
    archive = export(page, tmp_path)
    assert archive.name == "Greeter.flowloft.zip"
    assert api.delete(f"flows/{flow['id']}").status_code == 204
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    drop(page, archive)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Will be created")
    assert not [one for one in api.get("flows?q=Greeter").json()["results"] if one["id"] == flow["id"]]
    dialog.get_by_role("button", name="Import", exact=True).click()
    expect(dialog).to_contain_text("Has been created")
    dialog.get_by_role("link", name="Greeter").click()
    page.wait_for_url(re.compile(r"/flows/[0-9a-f-]{36}$"))
    back = {"id": page.url.rpartition("/")[2]}
    assert draft(api, back)["graph"] == before
    expect(page.locator(".react-flow__node")).to_have_count(3)
    run = api.post(
        f"flows/{back['id']}/runs", json={"inputs": {"text": "Ada"}}, headers={"Prefer": "wait=30"}
    ).json()
    assert run["outputs"] == {"text": "Hello Ada!"}


def test_what_is_here_is_kept_when_it_is_brought_up_to_date(
    open_page: Callable[..., Page], api: httpx.Client, flow: dict[str, Any], tmp_path: Path
) -> None:
    page = open_page(f"/exports?flow={flow['id']}")
    archive = export(page, tmp_path)
    changed = draft(api, flow)
    changed["graph"]["nodes"]["greeting"]["settings"]["template"] = "Bye {name}!"
    assert api.put(f"flows/{flow['id']}/draft", json=changed, headers={"If-Match": '"1"'}).is_success
    with page.expect_file_chooser() as asked:
        page.get_by_role("button", name="Import", exact=True).click()
    asked.value.set_files(archive)
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 thing is here already")
    dialog.get_by_role("radio", name="Leave it as it is").check()
    expect(dialog.get_by_role("button", name="Import", exact=True)).to_be_disabled()
    dialog.get_by_role("radio", name="Bring up to date").check()
    expect(dialog).to_contain_text("Will be brought up to date")
    dialog.get_by_role("button", name="Import", exact=True).click()
    expect(dialog).to_contain_text("Brought up to date")
    assert draft(api, flow)["graph"]["nodes"]["greeting"]["settings"]["template"] == "Hello {name}!"
    kept = api.get(f"flows/{flow['id']}/versions").json()["results"]
    assert [one["message"] for one in kept] == ["Imported", "The draft before an import"]


def test_the_copied_call_gets_the_answer(open_page: Callable[..., Page], flow: dict[str, Any]) -> None:
    page = open_flow(open_page, flow)
    choose(page, "Call it from a program")
    panel = page.get_by_role("complementary", name="API")
    expect(panel.locator("pre")).to_contain_text('"text": "Hello"')
    panel.get_by_label("Name of a new token").fill("A script")
    panel.get_by_role("button", name="Create").click()
    token = panel.get_by_text(re.compile(r"^flt_")).inner_text()
    source = panel.locator("pre").inner_text()
    environment = os.environ | {"FLOWLOFT_TOKEN": token, "no_proxy": "*"}
    said = subprocess.run(
        ["bash", "-c", source], capture_output=True, text=True, check=True, env=environment
    ).stdout
    assert '"outputs":{"text":"Hello Hello!"}' in said
    panel.get_by_text("JavaScript").click()
    expect(panel.locator("pre")).to_contain_text("await fetch(")
    node = subprocess.run(
        ["node", "--input-type=module", "-e", panel.locator("pre").inner_text()],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    assert "Hello Hello!" in node.stdout
