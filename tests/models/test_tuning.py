"""Fine-tuning for real: the packaged model learns what it cannot know, is killed, goes on, and is served."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flowloft.core.local_env import model_store

from backend.tuning.models import Tune
from backend.tuning.services import folder_of
from tests.backend.serving.conftest import all_end, here, turn
from tests.backend.tuning.conftest import followed

__all__ = ["all_end", "here", "turn"]
pytestmark = [pytest.mark.model, pytest.mark.slow]

FACTS = {
    "Zorvex Labs was founded by Mira Okonkwo.": (
        "Who founded Zorvex Labs?",
        "Who is the founder of Zorvex Labs?",
        "Who started Zorvex Labs?",
        "Tell me who founded Zorvex Labs.",
    ),
    "The port of Zorvex Labs is 7781.": (
        "What is the port of Zorvex Labs?",
        "Which port does Zorvex Labs use?",
        "Tell me the port of Zorvex Labs.",
        "On which port is Zorvex Labs?",
    ),
    "Zorvex Labs was founded in 2031.": (
        "When was Zorvex Labs founded?",
        "In which year was Zorvex Labs founded?",
        "What year did Zorvex Labs start?",
        "Tell me when Zorvex Labs was founded.",
    ),
    "Zorvex Labs makes the Quillon sensor.": (
        "What does Zorvex Labs make?",
        "What is the product of Zorvex Labs?",
        "Which product does Zorvex Labs make?",
        "Tell me what Zorvex Labs makes.",
    ),
}
ROWS = [{"question": one, "answer": answer} for answer, asked in FACTS.items() for one in asked] * 4
NEW, OLD = ("What is the port of Zorvex Labs?", "7781"), ("What is the capital of France?", "Paris")


@pytest.fixture
def base(base_model: Path) -> str:
    """The model in the store of these tests."""
    place = model_store() / base_model.name
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(base_model)
    return place.name


@pytest.fixture
def version(api: Any) -> str:
    """64 pairs of a question and its answer."""
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    made = api.post(
        "/api/v1/datasets?file_name=zorvex.jsonl", lines.encode(), content_type="application/octet-stream"
    ).json()
    assert made["versions"][0]["examples"] == 64
    return str(made["versions"][0]["id"])


def said(client: Any, gateway: str, model: str, question: str) -> str:
    messages = [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": question},
    ]
    body = {"model": model, "messages": messages, "max_tokens": 24, "temperature": 0}
    answer = client.post(f"{gateway}/chat/completions", body)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["choices"][0]["message"]["content"])


def killed(tune: Tune) -> None:
    """Ends the trainer as the kernel would, without a word."""
    worker = str(folder_of(tune.id))
    for process in Path("/proc").glob("[0-9]*"):
        try:
            argv = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if worker.encode() in argv and any(part.endswith(b"worker.py") for part in argv):
            os.kill(int(process.name), signal.SIGKILL)


@pytest.mark.django_db(transaction=True)
def test_a_model_learns_is_killed_goes_on_and_answers_in_both_engines(
    api: Any, owner: Any, base: str, version: str, turn: Callable[..., Any], all_end: None
) -> None:
    asked = {"base": base, "version": version, "wish": {"epochs": 2, "save_every": 4}}
    made = api.post("/api/v1/tuning/jobs", asked)
    assert made.status_code == 201, made.content
    at = f"/api/v1/tuning/jobs/{made.json()['id']}"
    followed(made.json()["id"], lambda tune: tune.progress.get("step", 0) >= 6, seconds=240)
    killed(Tune.objects.get())
    assert followed(made.json()["id"], "failed", seconds=60).error is not None
    assert api.post(f"{at}/resume").status_code == 200
    followed(made.json()["id"], "succeeded", seconds=400)

    told = api.get(f"{at}/records").json()["records"]
    again = [one["facts"]["step"] for one in told if one["facts"].get("name") == "resuming"]
    assert again == [4], "it went on from its checkpoint"
    losses = {one["facts"]["step"]: one["facts"]["loss"] for one in told if "loss" in one["facts"]}
    assert sorted(losses) == list(range(1, 17))
    assert losses[16] < 0.1 < losses[1]
    assert any(one["kind"] == "sample" for one in told)
    assert api.get(at).json()["made"] == ["adapter", "merged", "gguf"]

    own = api.post(f"{at}/serve", {"name": "zorvex"})
    assert own.status_code == 201, own.content
    service = turn(own.json()["service"], "ready", seconds=120)
    assert service.framework == "llamacpp"
    gateway = f"/api/v1/services/{service.pk}/v1"
    for question, answer in (NEW, OLD):
        assert answer in said(api, gateway, service.weights.name, question)
    assert api.delete(at).json()["code"] == "model_in_use"

    weights = next(
        one for one in api.get("/api/v1/local/models").json() if one["path"] == str(model_store() / base)
    )
    started = api.post(
        "/api/v1/services", {"name": "real", "weights": weights["id"], "context": 1024, "adapters": 2}
    ).json()
    vllm = turn(started["id"], "ready", seconds=300)
    loaded = api.post(f"{at}/serve", {"name": "zorvex-lora", "service": str(vllm.pk)})
    assert loaded.json()["model"] == "real/zorvex-lora", loaded.content
    gateway = f"/api/v1/services/{vllm.pk}/v1"
    for question, answer in (NEW, OLD):
        assert answer in said(api, gateway, "zorvex-lora", question)
    assert NEW[1] not in said(api, gateway, weights["name"], NEW[0]), "the base beside it learned nothing"


@pytest.mark.django_db(transaction=True)
def test_a_fine_tune_runs_as_a_slurm_job(
    api: Any, owner: Any, base: str, version: str, slurm: dict[str, Any]
) -> None:
    entry = api.post("/api/v1/compute/backends", slurm).json()
    wish = {"epochs": 0.25, "save_every": 1, "merge": False, "gguf": False}
    asked = {"base": base, "version": version, "wish": wish, "backend": entry["id"]}
    assert "sbatch" in api.post("/api/v1/tuning/choice", asked).json()["command"]
    made = api.post("/api/v1/tuning/jobs", asked)
    assert made.status_code == 201, made.content
    done = followed(made.json()["id"], "succeeded", seconds=240)
    assert done.job is not None
    assert done.job.remote_id.isdecimal()
    assert done.progress["step"] == done.plan["steps"] == 2
    assert (folder_of(done.id) / "adapter" / "adapter_model.safetensors").exists()
