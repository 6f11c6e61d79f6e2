"""A fine-tune at a vendor, by the same examples and wishes as one of one's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flowloft.core.errors import FlowloftError, InputError, NoFit
from flowloft.core.models import EnvironmentModels
from flowloft.tuning import tune_online

from tests.stubs.model_server import KEY, ModelServer, model_server


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with model_server() as running:
        yield running


def vendor(server: ModelServer) -> EnvironmentModels:
    return EnvironmentModels({"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": server.url})


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    file = tmp_path / "faq.jsonl"
    lines = [json.dumps({"question": f"What is {n}?", "answer": str(n)}) for n in range(20)]
    file.write_text("\n".join(lines))
    return file


def test_a_file_of_questions_becomes_a_model(server: ModelServer, rows: Path) -> None:
    told: list[tuple[str, dict[str, Any]]] = []
    made = tune_online(
        "openai/base", rows, validation=0.2, every=0.01, models=vendor(server), epochs=2,
        told=lambda name, facts: told.append((name, facts)),
    )  # fmt: skip
    assert made.model == f"ft:base:{made.id}"
    files = list(server.tuning.files.values())
    assert [len(file) for file in files[-2:]] == [16, 4]
    assert files[-1][0]["messages"][0] == {"role": "system", "content": "You are a helpful assistant."}
    assert [facts["state"] for name, facts in told if name == "state"] == ["queued", "running", "succeeded"]
    assert [facts["step"] for name, facts in told if name == "progress"] == [1.0, 2.0, 3.0], "each once"
    again = tune_online("openai/base", rows, resume=made.id, every=0.01, models=vendor(server))
    assert (again.model, len(server.tuning.jobs)) == (made.model, 1)


def test_what_goes_wrong_there_is_said_here(server: ModelServer, rows: Path, tmp_path: Path) -> None:
    with pytest.raises(FlowloftError, match="not a number") as caught:
        tune_online("openai/fails", rows, every=0.01, models=vendor(server))
    assert caught.value.error_code == "training_failed"
    files = len(server.tuning.files)
    broken = tmp_path / "broken.jsonl"
    broken.write_text(rows.read_text() + '\n{"nonsense": 1}')
    with pytest.raises(InputError, match="Row 21"):
        tune_online("openai/base", broken, models=vendor(server))
    with pytest.raises(NoFit):
        tune_online("openai/base", rows, method="qlora", models=vendor(server))
    assert len(server.tuning.files) == files, "nothing was sent"
