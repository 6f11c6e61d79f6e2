"""Questions to documents in the first minute: answered in their words, and led back to their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_first_minute import ANSWER, ask, from_template, last_run

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.mark.parametrize(
    ("title", "question", "words", "passage"),
    [
        ("Ask your documents", "How much does a card cost?", "12 euros a year", "12 euros a year"),
        ("Ask Chinese documents", "图书馆周六几点开门？", "周六上午十点", "周六上午十点"),
    ],
)
def test_a_question_is_answered_from_documents_that_open_at_the_place(
    title: str, question: str, words: str, passage: str, open_page: Callable[..., Page], api: httpx.Client
) -> None:
    page = open_page("/")
    from_template(page, title)
    ask(page, question)
    expect(page.get_by_role("log")).to_contain_text(words, timeout=ANSWER)
    run: dict[str, Any] = last_run(api, page)
    assert run["status"] == "succeeded"
    cited = run["outputs"]["citations"][0]
    kind, _, name = cited["knowledge"].partition(":")
    place = f"/knowledge/{kind}/{name}/documents/{quote(cited['document_id'])}?chunk={cited['chunk_id']}"
    document = open_page(place)
    mark = document.locator("mark").filter(has_text=passage)
    expect(mark).to_be_in_viewport()
    document.goto(place.replace(cited["chunk_id"], "gone"))
    expect(document.get_by_role("status").filter(has_text="changed or deleted")).to_be_visible()
