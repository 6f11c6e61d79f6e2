"""A model of one's own: its address is added once, its key is never seen again, its models can be chosen."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Studio
from tests.stubs.model_server import KEY, model_server

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_an_address_is_checked_and_its_key_never_shown_again(
    open_page: Callable[..., Page], api: httpx.Client, studio: Studio
) -> None:
    with model_server() as server:
        page = open_page("/models")
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
        keys = page.get_by_role("list", name="Keys of workshop")
        expect(keys.get_by_text("Answered just now")).to_be_visible()

        for answer in (api.get("connections"), api.get("models")):
            assert KEY not in answer.text
        assert any(entry["ref"].startswith("workshop/") for entry in api.get("models").json())
        page.reload()
        expect(page.get_by_text("workshop", exact=True)).to_be_visible()
        assert KEY not in page.content()

        ref = next(one["ref"] for one in api.get("models").json() if one["ref"].startswith("workshop/"))
        nodes = {
            "ask": {"kind": "chat_input"},
            "model": {"kind": "chat_model", "settings": {"model": ref}},
            "say": {"kind": "chat_output"},
        }
        ends = [("ask", "messages", "model", "messages"), ("model", "output", "say", "text")]
        names = ("source", "source_port", "target", "target_port")
        edges = {f"e{number}": dict(zip(names, end, strict=True)) for number, end in enumerate(ends)}
        document = {"schema": "flowloft/flow", "schema_version": 1, "kind": "flow"}
        document |= {"graph": {"nodes": nodes, "edges": edges}}  # type: ignore[dict-item]
        flow = api.post("flows", json={"name": "Mine", "document": document}).json()
        run = api.post(
            f"flows/{flow['id']}/runs", json={"inputs": {"text": "hello"}}, headers={"Prefer": "wait=30"}
        )
        assert server.count(ref.split("/", 1)[1]) > 0, "the run did not reach the server"
        told = [run, api.get(f"runs/{run.json()['id']}/events"), api.get(f"flows/{flow['id']}/draft")]
        told += [api.get(f"flows/{flow['id']}/export?format={form}") for form in ("json", "yaml", "python")]
        assert all(answer.status_code in (200, 201) for answer in told)
        assert KEY not in "".join(answer.text for answer in told)
        assert KEY not in "".join(log.read_text(errors="replace") for log in studio.data.rglob("*.log"))
