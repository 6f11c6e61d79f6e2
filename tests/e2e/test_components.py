"""A file of one's own functions: they are nodes at once, and a mistake in another file takes none away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Studio, components_of

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

GOOD = """
from flowloft import component_register

component_register.new_group("words")

@component_register("words")
def repeat(text: str, times: int = 2) -> str:
    '''Says a text several times.'''
    return " ".join([text] * times)
"""
MENDED = """
from flowloft import component_register

@component_register.cmd("words")
def count(file: str):
    return ["wc", "-l", file]
"""
FLOW = {
    "schema_version": 1,
    "graph": {
        "nodes": {
            "said": {"kind": "input", "settings": {"name": "said"}},
            "twice": {"kind": "words.repeat"},
            "end": {"kind": "output", "settings": {"name": "all"}},
        },
        "edges": {
            "a": {"source": "said", "source_port": "output", "target": "twice", "target_port": "text"},
            "b": {"source": "twice", "source_port": "output", "target": "end", "target_port": "value"},
        },
    },
}


@pytest.fixture
def folder(studio: Studio) -> Path:
    return components_of(studio.data)


def test_component_files_are_nodes_reload_and_say_what_is_wrong(
    open_page: Callable[..., Page], api: httpx.Client, folder: Path
) -> None:
    (folder / "a_good.py").write_text(GOOD)
    (folder / "b_broken.py").write_text("import flowloft\nraise RuntimeError('out of order')\n")
    flow = api.post("flows", json={"name": "Own", "document": FLOW}).json()
    page = open_page(f"/flows/{flow['id']}")
    told = page.get_by_role("complementary").get_by_role("alert")
    expect(told).to_contain_text("b_broken.py, line 2")
    expect(told).to_contain_text("RuntimeError: out of order")
    node = page.locator(".react-flow__node[data-id=twice]")
    expect(node).to_contain_text("Repeat")
    expect(node.locator(".react-flow__handle.target[data-handleid=text]")).to_be_visible()
    node.click(position={"x": 60, "y": 12})
    expect(page.get_by_role("textbox", name="Times")).to_have_value("2")

    inputs = {"inputs": {"said": "hi"}}
    run = api.post(f"flows/{flow['id']}/runs", json=inputs, headers={"Prefer": "wait=60"}).json()
    assert (run["status"], run["outputs"]) == ("succeeded", {"all": "hi hi"})

    (folder / "a_good.py").write_text(GOOD.replace("times: int = 2", "times: int = 3"))
    (folder / "b_broken.py").write_text(MENDED)
    page.reload()
    expect(node).to_be_visible()
    expect(told).to_have_count(0)
    page.get_by_placeholder("Search nodes").fill("count")
    expect(page.get_by_role("complementary").get_by_role("button", name="Count", exact=True)).to_be_visible()
    again = api.post(f"flows/{flow['id']}/runs", json=inputs, headers={"Prefer": "wait=60"}).json()
    assert again["outputs"] == {"all": "hi hi hi"}
