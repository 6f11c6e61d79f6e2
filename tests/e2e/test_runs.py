"""Looking at what happened. If these fail, people don't find, understand, continue or show their runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PASSWORD, ROOT, Studio
from tests.e2e.drawn import until

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PATIENCE = 60_000
"""Milliseconds that a run may take on a busy machine."""

WAIT = """import time


def main(x):
    time.sleep({seconds})
    {check}
    return f'{{x}}, told in {seconds} s'
"""


def look(page: Page, name: str) -> None:
    """Keeps a picture for whoever wants to look, in ``SHOTS``."""
    if folder := os.environ.get("SHOTS"):
        page.wait_for_timeout(500)
        page.screenshot(path=Path(folder) / f"{name}.png")


def _edge(source: str, source_port: str, target: str, target_port: str) -> dict[str, str]:
    return {"source": source, "source_port": source_port, "target": target, "target_port": target_port}


def _tells(title: str, seconds: float, check: str = "pass") -> dict[str, Any]:
    code = WAIT.format(seconds=seconds, check=check)
    return {"kind": "function", "title": title, "settings": {"code": code, "inputs": [{"name": "x"}]}}


@pytest.fixture
def story(api: httpx.Client) -> str:
    """Two branches side by side, and a check that refuses bad topics."""
    nodes = {
        "topic": {"kind": "input", "settings": {"name": "topic", "type": "text"}},
        "sea": _tells("Sea", 0.6),
        "land": _tells("Land", 0.3),
        "draft": {"kind": "prompt", "title": "Draft", "settings": {"template": "{a}\n{b}"}},
        "check": _tells("Check", 0, "assert 'bad' not in x, 'The topic is bad.'"),
        "out": {"kind": "output", "settings": {"name": "story"}},
    }
    edges = [
        ("topic", "output", "sea", "x"),
        ("topic", "output", "land", "x"),
        ("sea", "output", "draft", "a"),
        ("land", "output", "draft", "b"),
        ("draft", "output", "check", "x"),
        ("check", "output", "out", "value"),
    ]
    document = {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {"nodes": nodes, "edges": {f"e{at}": _edge(*edge) for at, edge in enumerate(edges)}},
    }
    reply = api.post("flows", json={"name": "Story of machines", "document": document})
    assert reply.status_code == 201, reply.text
    return str(reply.json()["id"])


def ran(api: httpx.Client, flow: str, topic: str) -> str:
    """Runs the story to its end; returns the id of the run."""
    run = api.post(f"flows/{flow}/runs", json={"inputs": {"topic": topic}}, headers={"Prefer": "wait=60"})
    assert run.status_code == 201, run.text
    return str(run.json()["id"])


def test_runs_are_found_seen_in_time_compared_and_gone_on_from(
    open_page: Callable[..., Page], api: httpx.Client, story: str
) -> None:
    ran(api, story, "red zeppelins")
    bad = ran(api, story, "bad zeppelins")
    page = open_page("/runs")
    rows = page.get_by_role("listitem")
    page.get_by_label("Search the runs").fill("zeppelins")
    expect(rows).to_have_count(2)
    page.get_by_role("combobox", name="Status").click()
    page.get_by_role("option", name="Failed").click()
    expect(rows).to_have_count(1)
    page.get_by_role("combobox", name="Time").click()
    page.get_by_role("option", name="Last hour").click()
    version = page.get_by_role("combobox", name="Version")
    version.fill("7")
    page.get_by_role("option", name="Version 7").click()
    expect(page.get_by_text("No run fits")).to_be_visible()
    version.fill("")
    page.get_by_role("option", name="Draft").click()
    expect(rows).to_have_count(1)
    page.get_by_role("link", name=re.compile("The topic is bad")).click()

    # On one scale of time: the two branches begin together, what needs both comes after.
    page.get_by_text("Timeline", exact=True).click()
    chart = page.get_by_role("region", name="Timeline")

    def bar(title: str) -> dict[str, float]:
        line = chart.get_by_role("button", name=re.compile(rf"\b{title}\b"))
        found = line.locator("i[data-state]").bounding_box()
        assert found is not None
        return dict(found)

    sea, land, check = bar("Sea"), bar("Land"), bar("Check")
    assert land["x"] < sea["x"] + sea["width"]
    assert sea["x"] < land["x"] + land["width"]
    assert check["x"] >= sea["x"] + sea["width"] - 1
    chart.get_by_role("button", name="Zoom in").click()
    assert until(page, lambda: bar("Sea")["width"] > sea["width"] * 1.4)
    look(page, "run-timeline")

    # All that it told.
    page.get_by_text("Events", exact=True).click()
    page.get_by_label("Search the events").fill("topic is bad")
    expect(page.get_by_role("region", name="Events").get_by_text("step.failed")).to_be_visible()

    # What if the draft had been another? The run goes on from there, and is put beside the one before.
    page.goto(f"/runs/{bad}?step=draft")
    page.get_by_role("button", name="What if it had given…").click()
    page.get_by_role("textbox", name="What if it had given…").fill('{"output": "A good story"}')
    page.get_by_role("button", name="Run on from here").click()
    expect(page.get_by_text("Goes on from an earlier run")).to_be_visible()
    expect(page.get_by_text("A good story, told in 0 s").first).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Compare").click()
    page.get_by_role("menuitem", name=re.compile("Failed|Draft")).first.click()
    expect(page.get_by_role("heading", name="Two runs side by side")).to_be_visible()
    expect(page.get_by_role("region", name="What came out")).to_contain_text("A good story")
    expect(page.get_by_role("region", name="Time and cost")).to_contain_text("Failed")
    expect(page.get_by_role("region", name="What went in")).to_contain_text("The same in both")
    page.get_by_role("button", name=re.compile("^Draft.*Other outputs")).click()
    expect(page.locator("del").first).to_contain_text("bad")
    look(page, "run-compare")

    # Resumed where it failed: what had finished is not done again.
    page.goto(f"/runs/{bad}")
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Goes on from an earlier run")).to_be_visible()
    expect(page.get_by_role("banner").or_(page.locator("header")).get_by_text("Failed").first).to_be_visible(
        timeout=PATIENCE
    )
    page.get_by_role("button", name=re.compile(r"\bSea\b")).click()
    expect(page.get_by_text("From an earlier run", exact=True)).to_be_visible()


def another_person(studio: Studio, name: str) -> None:
    """Gives somebody else an account; there is no page for it yet."""
    code = f"from backend.accounts.models import User; User.objects.create_user({name!r}, {PASSWORD!r})"
    # Not with the settings of the tests: their passwords are kept in a way that a studio does not take.
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    env |= {"FLOWLOFT_DATA": str(studio.data)}
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-c", code], cwd=ROOT, env=env, check=True, timeout=60
    )


def test_a_link_to_a_shared_run_works_for_another_person(
    open_page: Callable[..., Page], browser: Browser, api: httpx.Client, studio: Studio, story: str
) -> None:
    run = ran(api, story, "looms")
    another_person(studio, "grace")
    context = browser.new_context(base_url=studio.url, locale="en-US")
    other = context.new_page()
    other.goto(f"/runs/{run}")
    other.get_by_label("User name").fill("grace")
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("heading", name="Sign in")).to_be_hidden()
    expect(other.get_by_role("alert")).to_be_visible()  # Not shared: as if it were not there.

    page = open_page(f"/runs/{run}")
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_role("menuitem", name="Share and copy the link").click()
    expect(page.get_by_role("button", name="Shared")).to_be_visible()
    other.reload()
    expect(other.get_by_text("A run of ada, shared with you")).to_be_visible()
    expect(other.get_by_text("looms, told in 0.6 s").first).to_be_visible()
    expect(other.get_by_role("button", name="Run again")).to_be_hidden()
    look(other, "run-shared")
    page.get_by_role("button", name="Shared").click()
    page.get_by_role("menuitem", name="Stop sharing").click()
    expect(page.get_by_role("button", name="Share", exact=True)).to_be_visible()
    other.reload()
    expect(other.get_by_role("alert")).to_be_visible()
    context.close()
