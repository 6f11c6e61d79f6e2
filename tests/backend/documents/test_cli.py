"""Without this: what the page can do to a knowledge base, a script can not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flowloft.cli import main

pytestmark = pytest.mark.slow


@pytest.fixture
def kb(
    live_server: Any, owner: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Any]:
    """Runs ``flowloft kb`` against a studio; returns exit code and what it printed."""
    from backend.accounts.services import token_create

    monkeypatch.setenv("FLOWLOFT_STUDIO", live_server.url)
    monkeypatch.setenv("FLOWLOFT_TOKEN", token_create(owner=owner, name="cli")[1])

    def run(*arguments: str) -> Any:
        code = main(["kb", *arguments, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def test_a_script_fills_a_base_asks_it_and_takes_it_along(
    kb: Callable[..., Any], work: Callable[[], None], tmp_path: Path
) -> None:
    papers = tmp_path / "papers"
    (papers / "tea").mkdir(parents=True)
    (papers / "tea" / "绿茶.md").write_text("# 绿茶\n\n绿茶用八十度的水冲泡。", encoding="utf-8")
    (papers / "coffee.md").write_text("# Coffee\n\nCoffee is ground just before it is brewed.")
    (papers / ".hidden.md").write_text("# Not this one")
    assert kb("create", "Drinks")[0] == 0
    code, added = kb("add", "Drinks", str(papers), "--no-wait")
    assert code == 0
    assert [one["name"] for one in added] == ["papers/coffee.md", "papers/tea/绿茶.md"]
    work()
    code, known = kb("add", "Drinks", str(papers / "coffee.md"))
    assert (code, [one["new"] for one in known]) == (0, [False])
    hit = kb("query", "Drinks", "绿茶用多热的水？", "--top-k", "1")[1]["hits"][0]
    assert "八十度" in hit["text"]
    assert kb("check", "Drinks")[0] == 0
    file = tmp_path / "drinks.zip"
    assert kb("export", "Drinks", "--output", str(file))[1]["bytes"] == file.stat().st_size
    assert kb("import", str(file), "Copied drinks")[1]["document_count"] == 2
    assert {one["name"] for one in kb("list")[1]} == {"Drinks", "Copied drinks"}
    (papers / "broken.pdf").write_bytes(b"%PDF-1.4 nothing of it")
    assert kb("add", "Drinks", str(papers / "broken.pdf"), "--no-wait")[0] == 0
    work()
    code, failed = kb("add", "Drinks", str(papers / "broken.pdf"))
    assert (code, failed[0]["state"]) == (1, "failed")
    code, told = kb("query", "Nothing", "?")
    assert (code, told["error"]["code"]) == (2, "invalid_input")
    assert "Drinks" in told["error"].get("hint", "")


def test_a_folder_is_asked_without_a_studio(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "coffee.md").write_text("# Coffee\n\nCoffee is ground just before it is brewed.")
    assert main(["kb", "query", str(tmp_path), "When is coffee ground?"]) == 0
    assert "just before it is brewed" in capsys.readouterr().out
