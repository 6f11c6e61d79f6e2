"""What a question finds, measured on questions with known answers in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flowloft.core.knowledge import SearchSettings
from flowloft.core.models import EnvironmentModels
from flowloft.core.provider import PROVIDERS
from flowloft.core.store import Found
from flowloft.rag.fuse import fused

from benchmarks.rag._quality import WAYS, Asked

SLACK = 0.02


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("FLOWLOFT_DATA", str(tmp_path))
    yield
    for entry in EnvironmentModels().entries():
        if entry.builtin:
            connection = EnvironmentModels().resolve(entry.ref)
            PROVIDERS.get("builtin")(connection)._server.stop()  # type: ignore[attr-defined]


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.usefixtures("data")
def test_hybrid_is_as_good_as_the_better_of_its_parts() -> None:
    asked = Asked()
    found = asked.quality({way: WAYS[way] for way in ("dense", "BM25", "hybrid")}, asked.held_out)
    for language, hybrid in found["hybrid"].items():
        parts = [found["dense"][language], found["BM25"][language]]
        assert hybrid.recall >= max(part.recall for part in parts) - SLACK, language
        assert hybrid.mrr >= max(part.mrr for part in parts) - SLACK, language
    assert found["hybrid"]["all"].recall > 0.85


def test_words_that_the_texts_do_not_have_do_not_disturb_what_is_meant() -> None:
    dense = [Found("meant", 0.8), Found("other", 0.5)]
    weak = [Found("other", 3.0, share=0.1)]
    assert fused(dense, weak, SearchSettings())[0].id == "meant"
    strong = [Found("other", 9.0, share=0.9)]
    assert fused(dense, strong, SearchSettings())[0].id == "other"
    for one in fused(dense, strong, SearchSettings()):
        assert 0 <= one.score <= 1
