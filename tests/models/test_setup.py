"""The button that installs optional models installs what it says, and they answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flowloft.core.context import Context
from flowloft.core.provider import open_model

from tests.backend.serving.conftest import all_end, here

__all__ = ["all_end", "here"]
pytestmark = [pytest.mark.model, pytest.mark.slow]


@pytest.fixture
def nothing_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("FLOWLOFT_LOCAL_ENV", str(tmp_path / "envs" / "local"))
    yield
    from flowloft.providers.builtin import _server

    _server.cache_clear()


@pytest.mark.django_db(transaction=True)
def test_embedding_models_are_set_up_and_answer(
    api: Any, owner: Any, nothing_there: None, here: Any, all_end: None
) -> None:
    from backend.compute.models import ComputeJob
    from backend.compute.services import job_logs
    from backend.hub.source import model_source_for
    from tests.backend.runs.test_remote import Studio

    def listed() -> dict[str, Any]:
        return {one["ref"]: one for one in api.get("/api/v1/models").json() if one["job"] == "embedding"}

    assert list(listed()) == ["builtin/use-multilingual"]
    embeddings, engines = api.get("/api/v1/local/environment").json()["sets"]
    assert not embeddings["ready"]
    assert not engines["ready"]
    made = api.post("/api/v1/local/environment", {"what": "embeddings"})
    assert made.status_code == 202
    job = ComputeJob.objects.get(id=made.json()["sets"][0]["job"])
    again = api.post("/api/v1/local/environment", {"what": "embeddings"}).json()
    assert again["sets"][0]["job"] == str(job.pk), "pressed twice, it is installed once"
    Studio().until(lambda: ComputeJob.objects.get(id=job.pk).ended, seconds=180)
    job.refresh_from_db()
    log = job_logs(job=job)[0].decode()
    assert job.state == "succeeded", log
    assert "MiniLM and E5 (" in log, "its steps are told as they are done"
    assert api.get("/api/v1/local/environment").json()["sets"][0]["ready"]

    found = listed()
    assert list(found) == [
        "builtin/use-multilingual",
        "builtin/all-minilm-l6-v2",
        "builtin/multilingual-e5-small",
    ]
    texts = ["A cat sleeps on the sofa.", "猫在沙发上睡觉。", "Shares fell sharply today."]
    for ref, entry in found.items():
        cat, chinese, shares = open_model(Context(models=model_source_for(owner)), ref).embed(texts)
        assert len(cat) == entry["dimensions"]
        assert entry["languages"]
        assert entry["texts_per_second"] > 0
        assert abs(sum(x * x for x in cat) - 1) < 1e-3
        if "Chinese" in entry["languages"]:
            assert dot(cat, chinese) > dot(cat, shares)


def dot(left: list[float], right: list[float]) -> float:
    return sum(x * y for x, y in zip(left, right, strict=True))
