"""What people lose if this fails: to see where a flow is wrong, and to learn from it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.model]

ROWS = [
    {"question": "What is a cat?", "answer": "cat"},
    {"question": "Which word did I make up?", "answer": "zorblatt"},
    {"question": "What is a dog?", "answer": "dog"},
]


def test_bad_cases_are_found_put_right_and_kept_to_learn_from(
    open_page: Callable[..., Page], api: httpx.Client
) -> None:
    flow = api.post("flows", json={"template": "chatbot", "name": "Answers"}).raise_for_status().json()
    assert flow["name"] == "Answers"
    body = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
    raw = {"Content-Type": "application/octet-stream"}
    api.post("datasets?file_name=words.jsonl", content=body, headers=raw).raise_for_status()

    page = open_page("/evaluations")
    page.get_by_role("button", name="New evaluation").click()
    begin = page.get_by_role("dialog", name="New evaluation")
    begin.get_by_role("combobox", name="Flow").click()
    page.get_by_role("option", name="Answers", exact=True).click()
    begin.get_by_role("combobox", name="Dataset").click()
    page.get_by_role("option", name="words · 1 (3)", exact=True).click()
    expect(begin.get_by_role("status")).to_contain_text("3 runs")
    begin.get_by_role("button", name="Start 3 runs").click()

    expect(page.get_by_role("heading", name="Answers · words")).to_be_visible()
    expect(page.get_by_text("Succeeded")).to_be_visible(timeout=90_000)
    expect(page.get_by_role("row")).to_have_count(4)
    page.get_by_label("Only bad ones").check()
    row = page.get_by_role("row", name=re.compile("make up"))
    expect(row).to_contain_text("0.00")
    expect(page.get_by_role("row", name=re.compile("What is a cat"))).to_have_count(0)
    page.get_by_role("button", name="Make a dataset of the bad cases").click()
    make = page.get_by_role("dialog", name="Make a dataset")
    make.get_by_label("Answer to row 2").fill("None that I know of.")
    make.get_by_role("button", name="Make it").click()
    made = page.get_by_role("dialog", name="The dataset is made")
    made.get_by_role("link", name="Fine-tune on it").click()
    expect(page.get_by_role("dialog", name="New fine-tune")).to_be_visible()
    version = re.search(r"learn=([0-9a-f-]+)", page.url)
    assert version is not None
    kept = api.get(f"datasets/versions/{version[1]}/examples").json()["examples"]
    answers = [one["messages"][-1]["content"] for one in kept]
    assert "None that I know of." in answers
    assert "zorblatt" not in answers

    again = api.get("evaluations").json()["results"][0]
    form = {name: again[name] for name in ("flow", "metric")} | {"dataset": again["dataset_version"]}
    other = api.post("evaluations", json={**form, "threshold": 0.5}).json()["id"]
    page.goto(f"/evaluations/{other}")
    expect(page.get_by_text("Succeeded")).to_be_visible(timeout=90_000)
    page.get_by_role("combobox", name="Compare with").click()
    page.get_by_role("option").first.click()
    expect(page.get_by_text("0 better, 0 worse, 3 the same")).to_be_visible()
