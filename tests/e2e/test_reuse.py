"""Results that are used again. If this fails, people wait for what has been computed already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.drawn import newest_run

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def chain(length: int) -> dict[str, Any]:
    """Commands in a row, drawn in lines of ten. (What takes microseconds is not worth looking up.)"""
    nodes: dict[str, Any] = {"n0": {"kind": "bash", "settings": {"command": "echo go"}}}
    edges, places = {}, {}
    for number in range(length):
        places[f"n{number}"] = {"x": number % 10 * 320, "y": number // 10 * 220}
        if number:
            nodes[f"n{number}"] = {"kind": "bash", "settings": {"command": f"head -c {100 + number}"}}
            ends = ("source", "source_port", "target", "target_port")
            wire = (f"n{number - 1}", "output", f"n{number}", "input")
            edges[f"e{number}"] = dict(zip(ends, wire, strict=True))
    return {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {"nodes": nodes, "edges": edges},
        "ui": {"positions": places, "groups": {}},
    }


def test_changing_the_last_of_fifty_nodes_runs_only_that_one(
    open_page: Callable[..., Page], api: httpx.Client
) -> None:
    flow = api.post("flows", json={"name": "Fifty", "document": chain(50)}).raise_for_status().json()
    twin = api.post("flows", json={"name": "Fifty too", "document": chain(50)}).raise_for_status().json()
    page = open_page(f"/flows/{flow['id']}")
    expect(page.locator(".react-flow__node")).to_have_count(50)
    done = page.locator(".react-flow__node [data-run=succeeded]")
    marks = page.locator(".react-flow__node").get_by_label("From an earlier run")

    page.keyboard.press("Control+Enter")
    expect(done).to_have_count(50, timeout=60_000)
    expect(marks).to_have_count(0)

    last = page.locator('.react-flow__node[data-id="n49"]')
    last.click(position={"x": 30, "y": 12})
    page.locator("aside textarea:not([aria-hidden])").first.fill("tr a-z A-Z")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("1")  # all of it in view
    expect(marks).to_have_count(49, timeout=30_000)
    expect(done).to_have_count(50)
    expect(last.get_by_label("From an earlier run")).to_have_count(0)

    steps = newest_run(api, page, flow["id"])["state"]["steps"]
    assert [key for key, step in steps.items() if not step["cached"]] == ["n49"]
    assert steps["n49"]["outputs"]["output"] == "GO"

    # A flow of the same ids takes what was computed from the same, and nothing else.
    document = chain(50)
    document["graph"]["nodes"]["n25"]["settings"]["command"] = "rev"
    asked = {"document": document, "reuse": True}
    other = api.post(f"flows/{twin['id']}/runs", json=asked, headers={"Prefer": "wait=60"}).json()
    ran = {key for key, step in other["state"]["steps"].items() if not step["cached"]}
    assert ran == {f"n{number}" for number in range(25, 50)}
