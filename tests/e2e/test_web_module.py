"""A person chats on the page of a WebModule: no studio, no account, the address that was printed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from flowloft.modules import WebModule
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.e2e


def test_a_person_chats_on_the_page(browser: Browser) -> None:
    heard: list[Any] = []

    def echo(text: str, history: list[dict[str, Any]] | None = None) -> Iterator[str]:
        heard.append(history)
        if text == "fail":
            raise ValueError("a secret of the server")
        yield "You "
        yield f"said {text}"

    with WebModule(echo, name="Echo") as web:
        page = browser.new_page(locale="zh-CN")
        page.goto(web.page)
        expect(page.get_by_role("heading", name="Echo")).to_be_visible()
        assert web.key not in page.url
        for said in ("hello", "<b>you</b>"):
            page.get_by_label("消息").fill(said)
            page.keyboard.press("Enter")
            expect(page.get_by_text(f"You said {said}")).to_be_visible()
        assert heard[0] == []
        assert [message["role"] for message in heard[1]] == ["user", "assistant"]
        page.get_by_label("消息").fill("fail")
        page.keyboard.press("Enter")
        expect(page.get_by_text("ValueError")).to_be_visible()
        assert "a secret" not in page.content()
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=f"{folder}/web-module.png")
        page.close()
