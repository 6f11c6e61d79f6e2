"""What people lose if this fails: the way from a file of examples to a fine-tune, with every reason on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.backend.serving.conftest import write_model
from tests.e2e.conftest import Studio
from tests.stubs.model_server import KEY, model_server

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_a_file_of_examples_becomes_a_plan_with_its_reasons(
    studio: Studio, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    write_model(studio.data / "models" / "tiny")
    rows = [{"question": f"Who is number {number}?", "answer": f"Number {number}."} for number in range(20)]
    file = tmp_path / "numbers.jsonl"
    lines = [*(json.dumps(row) for row in rows), '{"question": "Who has no answer?"}']
    file.write_text("".join(f"{line}\n" for line in lines))

    page = open_page("/tuning")
    expect(page.get_by_text("Nothing has been fine-tuned yet")).to_be_visible()
    page.set_input_files("input[type=file]", str(file))
    refused = page.get_by_role("dialog", name="“numbers.jsonl” was not taken")
    expect(refused.get_by_role("listitem").first).to_contain_text("Row 21")
    refused.get_by_role("button", name="Take the 20 usable rows").click()
    row = page.get_by_role("button", name="numbers")
    expect(row.first).to_contain_text("20 examples")
    expect(row.first).to_contain_text("1 row left out")
    row.first.click()
    look = page.get_by_role("dialog", name="numbers")
    expect(look.get_by_text("Who is number 0?")).to_be_visible()
    look.get_by_role("button", name="Fine-tune on it").click()

    begin = page.get_by_role("dialog", name="New fine-tune")
    expect(begin.get_by_text("peft", exact=True).first).to_be_visible()
    begin.get_by_text("Every value, and why").click()
    expect(begin.get_by_text("CoLLiE trains on GPUs only.")).to_be_visible()
    begin.get_by_label("Epochs").fill("6")
    expect(begin.get_by_text("18", exact=True).first).to_be_visible()
    begin.get_by_label("Learning rate").first.fill("5")
    expect(begin.get_by_role("alert").first).to_be_visible()
    expect(begin.get_by_role("button", name="Start")).to_be_disabled()
    begin.get_by_label("Learning rate").first.fill("")
    begin.get_by_role("button", name="Start").click()
    expect(begin.get_by_role("alert")).to_contain_text("make local-models")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Nothing has been fine-tuned yet")).to_be_visible()


def test_a_vendor_is_asked_to_train_once_its_price_was_seen(
    open_page: Callable[..., Page], api: httpx.Client
) -> None:
    rows = "".join(
        json.dumps({"question": f"Who is {n}?", "answer": f"Number {n}."}) + "\n" for n in range(20)
    )
    raw = {"Content-Type": "application/octet-stream"}
    api.post("datasets?file_name=people.jsonl", content=rows.encode(), headers=raw).raise_for_status()
    with model_server() as server:
        connection = {"name": "gpt", "provider": "openai", "base_url": server.url, "api_key": KEY}
        made = api.post("connections", json=connection).raise_for_status().json()
        page = open_page("/tuning")
        page.get_by_role("button", name="New fine-tune").click()
        begin = page.get_by_role("dialog", name="New fine-tune")
        begin.get_by_label("Base model").click()
        page.get_by_role("option", name="gpt/gpt-4.1-mini").click()
        expect(begin.get_by_text("they are sent to OpenAI")).to_be_visible()
        begin.get_by_label("Price of a million trained tokens").fill("1000")
        expect(begin.get_by_text("Cost")).to_be_visible()
        assert not server.tuning.files, "nothing was sent yet"
        begin.get_by_role("button", name="Start").click()
        card = page.get_by_role("region", name="Fine-tune gpt/gpt-4.1-mini")
        expect(card.get_by_text("OpenAI").first).to_be_visible()
        for _ in range(100):
            page.wait_for_timeout(0 if server.tuning.jobs else 100)
        assert len(server.tuning.jobs) == 1
        card.get_by_role("button", name="Stop").click()
        api.delete(f"connections/{made['id']}").raise_for_status()
