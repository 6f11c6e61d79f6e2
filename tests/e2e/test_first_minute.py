"""The first minute: a template, a question, an answer, and nothing lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.drawn import newest_run

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ANSWER = 90_000
"""Milliseconds that a whole flow may take on a busy core."""


def from_template(page: Page, title: str) -> None:
    """Picks a template on the start page."""
    page.get_by_role("button", name=re.compile(f"^{title}")).click()
    page.wait_for_url(re.compile(r"/flows/[0-9a-f-]{36}"))
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible()


def ask(page: Page, text: str) -> None:
    """Sends a chat message by keyboard."""
    page.get_by_label("Message", exact=True).fill(text)
    page.keyboard.press("Enter")


def last_run(api: httpx.Client, page: Page) -> dict[str, Any]:
    """Returns the newest run of the flow that the page shows."""
    flow = re.search(r"/flows/([0-9a-f-]{36})", page.url)
    assert flow
    return newest_run(api, page, flow.group(1))


def test_first_question_is_answered_and_survives_a_reload(
    open_page: Callable[..., Page], api: httpx.Client
) -> None:
    page = open_page("/")
    from_template(page, "Chatbot")
    ask(page, "What is the capital of Japan?")
    log = page.get_by_role("log")
    expect(log).to_contain_text("Tokyo", timeout=ANSWER)
    expect(page.locator("[data-run=succeeded]")).to_have_count(3, timeout=ANSWER)

    run = last_run(api, page)
    assert run["status"] == "succeeded"
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("What is the capital of Japan?")
    expect(page.get_by_role("log")).to_contain_text("Tokyo")


def test_closing_the_browser_in_mid_answer_loses_nothing(
    open_page: Callable[..., Page], api: httpx.Client
) -> None:
    page = open_page("/")
    from_template(page, "Chatbot")
    ask(page, "Write a story of eight sentences about a lighthouse and a storm.")
    expect(page.locator("[data-run=running]").first).to_be_visible(timeout=ANSWER)
    expect(page.get_by_role("log")).to_contain_text(re.compile(r"lighthouse.+\w{3}"), timeout=ANSWER)
    url = page.url
    page.close()

    again = open_page(url.split("//", 1)[1].split("/", 1)[1].join(["/", ""]))
    expect(again.get_by_role("button", name="Run", exact=True)).to_be_visible(timeout=ANSWER)
    expect(again.locator("[data-run=succeeded]")).to_have_count(3, timeout=ANSWER)
    run = last_run(api, again)
    assert run["status"] == "succeeded"
    words = str(run["outputs"]["text"]).split()
    shown = " ".join(again.get_by_role("log").inner_text().split())
    assert " ".join(words[-4:]) in shown, "the end of the answer is not on the page"
    assert " ".join(words[:4]) in shown, "the beginning of the answer is not on the page"

    # Stop stops at once, and what had been said by then stays.
    ask(again, "Write a story of twenty sentences about a whale and a ship.")
    expect(again.get_by_role("log")).to_contain_text(re.compile(r"whale and a ship.+\w{3}", re.DOTALL))
    again.get_by_role("button", name="Stop", exact=True).last.click()
    expect(again.get_by_text("You stopped this answer.")).to_be_visible()
    assert last_run(api, again)["status"] == "cancelled"


TEMPLATES = {
    "Story writer": "A fox who wants to fly.",
    "Two opinions and a judge": "Should people keep cats or dogs?",
    "Routing by topic": "I was charged twice for my order, I want my money back.",
    "Many at once": "the sun\nthe moon\nthe sea",
    "Translate and polish": "Good morning, my friend. The weather is nice today.",
}


@pytest.mark.parametrize("title", TEMPLATES)
def test_template_answers_without_a_key(
    title: str, open_page: Callable[..., Page], api: httpx.Client
) -> None:
    page = open_page("/")
    from_template(page, title)
    ask(page, TEMPLATES[title])
    expect(page.get_by_text("Running").first).to_be_visible(timeout=ANSWER)
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_visible(timeout=ANSWER)
    run = last_run(api, page)
    assert run["status"] == "succeeded", run["error"]
    answer = str(run["outputs"]["text"])
    assert len(answer.split()) >= 3, f"too little of an answer: {answer!r}"
    word = max(re.findall(r"[A-Za-z]+", answer), key=len)
    expect(page.get_by_role("log")).to_contain_text(word)
