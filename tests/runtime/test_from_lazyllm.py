"""The page for those who come from LazyLLM is run as it is written."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.stubs.model_server import KEY, model_server

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "from-lazyllm.md"
BLOCKS = dict(re.findall(r"## ([^\n]+)\n\n```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL))

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLOWLOFT_DATA", str(tmp_path / "data"))
    with model_server() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        yield tmp_path


def run(title: str) -> dict[str, Any]:
    scope: dict[str, Any] = {"__name__": "page"}
    exec(compile(BLOCKS[title], str(PAGE), "exec"), scope)
    return scope


def test_every_block_is_run_here() -> None:
    assert len(BLOCKS) == 5
    assert PAGE.read_text("utf-8").count("```python\n") == len(BLOCKS)


@pytest.mark.model
def test_a_chat_has_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    web = run("A chat with a page of its own")["web"]
    try:
        page = capsys.readouterr().out.strip()
        assert "<html" in httpx.get(page.partition("#")[0]).text
        assert "Tokyo" in web("What is the capital of Japan?")
    finally:
        web.stop()
    assert web.wait() is web, "what is stopped is not waited for"


@pytest.mark.model
def test_documents_answer(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "documents").mkdir()
    (place / "documents" / "library.md").write_text("The library opens at nine. A card costs two euros.\n")
    run("Answers from documents")
    assert "nine" in capsys.readouterr().out.lower()


def test_a_story_has_its_chapters(capsys: pytest.CaptureFixture[str]) -> None:
    run("A story, chapter by chapter")
    assert capsys.readouterr().out == "The sea\nOnce: The sea\n\nThe light\nOnce: The light\n"


def test_components_run_here_and_elsewhere() -> None:
    block = BLOCKS["Functions and commands as components"]
    done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, check=True)
    assert done.stdout == "input is 1\ninput is 2\n"


def test_a_graph_of_its_engine_becomes_a_flow(capsys: pytest.CaptureFixture[str]) -> None:
    run("A graph as JSON")
    assert capsys.readouterr().out == "{'2x': 6, 'xx': 9}\n"
