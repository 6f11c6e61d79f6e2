"""The examples of docs/guide/rag.md: each runs as it stands, in about five lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flowloft.core.models import EnvironmentModels
from flowloft.core.provider import PROVIDERS
from flowloft.rag import Document, Reranker, Retriever
from flowloft.stores.vectors.chroma import Chroma

from tests.stubs.model_server import KEY, model_server

GUIDE = Path(__file__).parents[3] / "docs" / "guide" / "rag.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)

pytestmark = [pytest.mark.model, pytest.mark.slow]


@pytest.fixture
def manuals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("FLOWLOFT_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "manuals"
    folder.mkdir()
    (folder / "lamp.md").write_text(
        "# Lamp\n\nHold the button for five seconds to reset it.\n\n## Light\n\nIt glows while it charges.\n"
    )
    (folder / "灯.md").write_text("# 灯\n\n按住按钮五秒即可重置。\n")
    yield folder
    for entry in EnvironmentModels().entries():
        if entry.builtin:
            connection = EnvironmentModels().resolve(entry.ref)
            PROVIDERS.get("builtin")(connection)._server.stop()  # type: ignore[attr-defined]
    Chroma().stop()


def test_every_example_runs_in_five_lines(manuals: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(EXAMPLES) >= 7
    names: dict[str, object] = {}
    for example in EXAMPLES:
        lines = [line for line in example.splitlines() if line.strip()]
        assert len(lines) <= 5, example
        exec(compile(example, str(GUIDE), "exec"), names)
        assert capsys.readouterr().out.strip(), example
    hits = names["hits"]
    assert isinstance(hits, list)
    assert "five seconds" in hits[0].text


def test_a_cross_encoder_behind_an_address_of_ones_own(
    manuals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with model_server() as server:
        monkeypatch.setenv("OPENAI_COMPATIBLE_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_COMPATIBLE_API_KEY", KEY)
        hits = Retriever(Document("manuals"), top_k=5)("reset")
        order = Reranker("model", "openai_compatible/a-reranker", top_k=2)
        assert len(order("reset", hits)) == 2
        assert server.count("a-reranker") == 1
