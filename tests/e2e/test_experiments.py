"""What people lose if this fails: to find the best settings of a flow without trying them by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.drawn import greeter, node

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ROWS = [{"question": "Ada", "answer": "Hello Ada"}, {"question": "Grace", "answer": "Good day, Grace"}]


def test_the_best_of_many_settings_goes_into_the_draft(
    open_page: Callable[..., Page], api: httpx.Client
) -> None:
    greeter(api)
    body = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
    raw = {"Content-Type": "application/octet-stream"}
    api.post("datasets?file_name=greetings.jsonl", content=body, headers=raw).raise_for_status()

    page = open_page("/evaluations")
    page.get_by_role("link", name="Try many settings").click()
    expect(page.get_by_role("heading", name="New experiment")).to_be_visible()
    page.get_by_role("combobox", name="Flow").click()
    page.get_by_role("option", name="Greeter", exact=True).first.click()
    page.get_by_role("combobox", name="Dataset").click()
    page.get_by_role("option", name="greetings · 1 (2)", exact=True).click()
    page.get_by_role("combobox", name="Node").click()
    page.get_by_role("option", name="Prompt", exact=True).click()
    page.get_by_role("combobox", name="Setting", exact=True).click()
    page.get_by_role("option", name="Template", exact=True).click()
    expect(page.get_by_label("Value 1", exact=True)).to_have_value("Hello {name}!")
    page.get_by_role("button", name="Add a value").click()
    expect(page.get_by_text("The same value stands in the list twice.")).to_be_visible()
    page.get_by_label("Value 2", exact=True).fill("Hello {name} - or Good day, {name}")
    page.get_by_role("button", name="Add a value").click()
    page.get_by_label("Value 3", exact=True).fill("{greeting} {name}")
    takes = page.get_by_role("complementary", name="What it takes")
    expect(takes).to_contain_text("3 combinations")
    expect(takes).to_contain_text("With 1 combination the flow can't run")
    expect(takes).to_contain_text("4 runs")
    takes.get_by_role("button", name="Start 3 trials").click()

    expect(page.get_by_role("heading", name="Greeter · greetings")).to_be_visible()
    out = page.get_by_role("region", name="What came out")
    expect(out).to_contain_text("Succeeded", timeout=60_000)
    expect(out).to_contain_text("1.00")
    board = page.get_by_role("region", name="Table of trials")
    rows = board.get_by_role("row")
    expect(rows).to_have_count(4)
    expect(rows.nth(1)).to_contain_text("Good day")
    expect(rows.nth(2)).to_contain_text("0.50")
    expect(rows.nth(3)).to_contain_text("greeting")
    board.get_by_role("button", name="Score").click()
    board.get_by_role("button", name="Score").click()
    expect(rows.nth(1)).to_contain_text("0.50")

    board.get_by_label("Choose trial 1").check()
    board.get_by_label("Choose trial 2").check()
    page.get_by_role("button", name="Compare two trials").click()
    expect(page.get_by_text("1 better, 0 worse, 1 the same")).to_be_visible()
    page.get_by_role("link", name="Experiment").click()
    board.get_by_role("link", name="Rows of trial 1").click()
    expect(page.get_by_role("row", name=re.compile("Grace"))).to_contain_text("0.00")
    page.get_by_role("link", name="Greeter · greetings").click()

    page.get_by_role("button", name="Use these settings").click()
    ask = page.get_by_role("dialog", name="Use the settings of trial 2?")
    expect(ask.locator("ins")).to_contain_text("Good day")
    ask.get_by_role("button", name="Write into the draft").click()
    page.get_by_role("link", name="Open the flow").click()
    expect(page.locator(".react-flow__node")).to_have_count(3)
    node(page, "Prompt").click()
    expect(page.get_by_label("Template")).to_have_value("Hello {name} - or Good day, {name}")


def test_an_experiment_is_begun_again_with_other_limits_and_deleted(
    open_page: Callable[..., Page], api: httpx.Client
) -> None:
    flow = greeter(api)
    body = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
    raw = {"Content-Type": "application/octet-stream"}
    kept = api.post("datasets?file_name=again.jsonl", content=body, headers=raw).raise_for_status().json()
    form = {
        "flow": flow["id"],
        "dataset": kept["versions"][0]["id"],
        "metric": "contains",
        "grid": [{"node": "greeting", "field": "template", "values": ["{name}", "{name}!"]}],
    }
    made = api.post("experiments", json=form).raise_for_status().json()
    page = open_page(f"/evaluations/experiments/{made['id']}")
    expect(page.get_by_role("region", name="What came out")).to_contain_text("Succeeded", timeout=60_000)
    page.get_by_role("link", name="Another like this").click()
    expect(page.get_by_label("Value 2", exact=True)).to_have_value("{name}!")
    expect(page.get_by_role("button", name="Start 2 trials")).to_be_enabled()
    page.get_by_label("At most so many trials").fill("1")
    expect(page.get_by_role("button", name="Start 1 trial", exact=True)).to_be_enabled()
    page.goto(f"/evaluations/experiments/{made['id']}")
    page.get_by_role("button", name="Delete the experiment").click()
    page.get_by_role("dialog", name="Delete").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("heading", name="Experiments")).to_be_visible()
    assert api.get(f"experiments/{made['id']}").status_code == 404
