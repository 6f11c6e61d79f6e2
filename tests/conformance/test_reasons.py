"""What people lose if this fails: the reason of a choice, in the language of their page."""

from __future__ import annotations

from tests.conformance.reasons import FILE, text


def test_the_reasons_that_the_page_is_tested_with_are_what_the_runtime_says() -> None:
    assert FILE.read_text("utf-8") == text(), "run python -m tests.conformance.reasons"
