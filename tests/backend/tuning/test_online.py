"""What people lose if this fails: a model that a vendor trained, or money for one it trained twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backend.hub.keys import key_add
from backend.hub.models import Connection
from backend.tuning.models import Tune
from backend.tuning.tasks import TuneWatch
from tests.stubs.model_server import KEY, ModelServer, model_server

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = "".join(json.dumps({"question": f"What is {n}?", "answer": str(n)}) + "\n" for n in range(20))


@pytest.fixture
def vendor(owner: Any) -> Iterator[ModelServer]:
    """A vendor that trains, and the owner's connection to it."""
    with model_server() as server:
        mine = Connection.objects.create(owner=owner, name="gpt", provider="openai", base_url=server.url)
        key_add(mine, KEY)
        yield server


@pytest.fixture
def version(api: Any) -> str:
    made = api.post(
        "/api/v1/datasets?file_name=faq.jsonl", ROWS.encode(), content_type="application/octet-stream"
    )
    return str(made.json()["versions"][0]["id"])


def looked(times: int) -> Tune:
    for _ in range(times):
        Tune.objects.update(looked_at=timezone.now() - timedelta(minutes=1))
        TuneWatch().look()
    return Tune.objects.get()


def test_a_vendor_trains_a_model_that_can_then_be_chosen(
    api: Any, vendor: ModelServer, version: str, stranger_api: Any
) -> None:
    bases = {one["name"]: one["where"] for one in api.get("/api/v1/tuning/bases").json()}
    assert bases["gpt/gpt-4.1-mini-2025-04-14"] == "OpenAI"
    form = {"base": "gpt/base", "version": version, "validation": 0.2, "wish": {"epochs": 2}}
    assert api.post("/api/v1/tuning/choice", form).json()["cost"] is None
    api.put("/api/v1/local/rates", {"place": "gpt/base", "currency": "CNY", "amount": 25})
    choice = api.post("/api/v1/tuning/choice", form).json()
    tokens = choice["plan"]["trained_tokens"]
    assert tokens > 300
    assert choice["cost"] == {"currency": "CNY", "amount": pytest.approx(tokens * 25 / 1e6)}
    assert api.post("/api/v1/tuning/places", form).json() == [], "a vendor does it"
    assert json.loads(choice["texts"][0])["messages"][0]["role"] == "system"
    assert not vendor.tuning.files, "nothing was sent"
    made = api.post("/api/v1/tuning/jobs", form).json()
    assert (made["state"], made["online"], made["job"]) == ("queued", True, None)

    done = looked(4)
    assert done.state == "succeeded", done.error
    assert [len(file) for file in vendor.tuning.files.values()] == [16, 4]
    told = api.get(f"/api/v1/tuning/jobs/{made['id']}/records").json()
    steps = [one["facts"]["step"] for one in told["records"] if one["kind"] == "progress"]
    assert steps == [1, 2, 3], "each once"
    assert told["tune"]["model"] == f"gpt/ft:base:{done.remote_id}"
    assert any(one["ref"] == told["tune"]["model"] for one in api.get("/api/v1/models").json())
    assert told["tune"]["model"] in {one["name"] for one in api.get("/api/v1/tuning/bases").json()}
    assert stranger_api.post("/api/v1/tuning/choice", form).status_code == 404, "another's dataset"


def test_what_may_have_been_started_is_not_started_twice(api: Any, vendor: ModelServer, version: str) -> None:
    api.post("/api/v1/tuning/jobs", {"base": "gpt/base", "version": version})
    Tune.objects.update(sent_at=timezone.now())  # the studio was ended before the answer came
    lost = looked(2)
    assert (lost.state, lost.error and lost.error["code"]) == ("failed", "outcome_unknown")
    assert not vendor.tuning.jobs


def test_a_fine_tune_that_fails_there_or_is_stopped_ends_here(
    api: Any, vendor: ModelServer, version: str
) -> None:
    api.post("/api/v1/tuning/jobs", {"base": "gpt/fails", "version": version})
    failed = looked(4)
    assert failed.state == "failed"
    assert "not a number" in (failed.error or {})["message"]
    assert api.delete(f"/api/v1/tuning/jobs/{failed.id}").status_code == 204
    api.post("/api/v1/tuning/jobs", {"base": "gpt/slow", "version": version})
    at = f"/api/v1/tuning/jobs/{looked(3).id}"
    assert api.post(f"{at}/cancel").json()["state"] in ("running", "cancelled")
    assert looked(2).state == "cancelled"
    assert api.post(f"{at}/resume").json()["code"] == "no_checkpoint"
    none = api.post("/api/v1/tuning/choice", {"base": "nobody/base", "version": version})
    assert none.json()["code"] == "unknown_model"
    lacks = api.post("/api/v1/tuning/choice", {"base": "builtin/smollm2", "version": version})
    assert lacks.json()["code"] == "provider_lacks"
