"""A model of one's own: its address is added once, its key is never seen again, its models can be chosen."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.stubs.model_server import KEY, model_server

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_an_address_is_checked_and_its_key_never_shown_again(
    open_page: Callable[..., Page], api: httpx.Client
) -> None:
    with model_server() as server:
        page = open_page("/settings")
        page.get_by_role("button", name="Add a connection").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Name", exact=True).fill("workshop")
        dialog.get_by_label("Address", exact=True).fill(server.url)

        key = dialog.locator("input[type=password]")
        key.fill("sk-wrong-key")
        dialog.get_by_role("button", name="Check").click()
        expect(dialog.get_by_role("alert")).to_be_visible()

        key.fill(KEY)
        dialog.get_by_role("button", name="Check").click()
        expect(dialog.get_by_role("alert")).to_have_count(0)
        dialog.get_by_role("button", name="Save").click()
        expect(dialog).to_have_count(0)
        expect(page.get_by_text("workshop", exact=True)).to_be_visible()
        expect(page.get_by_text("Key kept")).to_be_visible()

        for answer in (api.get("connections"), api.get("models")):
            assert KEY not in answer.text
        assert any(entry["ref"].startswith("workshop/") for entry in api.get("models").json())
        page.reload()
        expect(page.get_by_text("workshop", exact=True)).to_be_visible()
        assert KEY not in page.content()
