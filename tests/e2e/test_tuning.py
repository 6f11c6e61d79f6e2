"""What people lose if this fails: the way from a file of examples to a fine-tune, with every reason on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.backend.serving.conftest import write_model
from tests.e2e.conftest import Studio

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
