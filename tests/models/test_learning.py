"""Local models for real: the packaged model is served by vLLM while it learns what it cannot know, is killed,
goes on, and answers as an adapter and as a file.

One test, in which engines load while the model learns: loading is most of what it costs.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flowloft.core.context import Context
from flowloft.core.provider import open_model

from backend.documents.pipeline import work_once
from backend.hub.source import model_source_for
from backend.tuning.models import Tune
from backend.tuning.services import folder_of
from tests.backend.runs.conftest import flow_of
from tests.backend.serving.conftest import all_end, here
from tests.conformance.real_server import hold_a_conversation
from tests.models import asking
from tests.models.studio import Worker, serve, version, weights, worker

__all__ = ["all_end", "flow_of", "here", "version", "weights", "worker"]
pytestmark = [pytest.mark.model, pytest.mark.slow]

NEW, OLD = ("What is the port of Zorvex Labs?", "7781"), ("What is the capital of France?", "Paris")


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


def knows_new_and_old(api: Any, service: Any, model: str) -> None:
    for question, answer in (NEW, OLD):
        assert answer in asking.said(api, service, model, question)


@pytest.mark.django_db(transaction=True)
def test_a_model_learns_is_killed_goes_on_and_answers_in_both_engines(
    api: Any,
    owner: Any,
    base: str,
    weights: str,
    minilm: Path,
    version: str,
    flow_of: Callable[..., Any],
    worker: Worker,
    all_end: None,
) -> None:
    near = serve(api, "near", weights, context=1024, adapters=2, framework="vllm")
    wish = {"epochs": 2, "save_every": 4}
    made = api.post("/api/v1/tuning/jobs", {"base": base, "version": version, "wish": wish})
    assert made.status_code == 201, made.content
    tune, at = made.json()["id"], f"/api/v1/tuning/jobs/{made.json()['id']}"
    worker.tune(tune, "running", step=6)
    killed(Tune.objects.get())
    assert worker.tune(tune, "failed").error is not None
    assert api.post(f"{at}/resume").status_code == 200

    vllm = worker.service(near)
    vectors = api.post("/api/v1/local/models", {"path": str(minilm), "name": "minilm"}).json()
    assert vectors["facts"]["job"] == "embedding"
    embedding = serve(api, "vectors", vectors["id"])
    worker.service(embedding)
    embeds_and_reranks(api, owner)
    keeps_knowledge(api)
    api.post(f"/api/v1/services/{embedding}/stop")

    worker.tune(tune)
    learned(api, at)
    own = api.post(f"{at}/serve", {"name": "zorvex"})
    assert own.status_code == 201, own.content
    service = worker.service(own.json()["service"])
    assert service.framework == "llamacpp"
    knows_new_and_old(api, service, service.weights.name)
    assert api.delete(at).json()["code"] == "model_in_use"

    assert vllm.url.startswith("http://127.0.0.1:")
    loaded = api.post(f"{at}/serve", {"name": "zorvex-lora", "service": near})
    assert loaded.json()["model"] == "near/zorvex-lora", loaded.content
    knows_new_and_old(api, vllm, "zorvex-lora")
    assert NEW[1] not in asking.said(api, vllm, base, NEW[0]), "the base beside it learned nothing"
    asking.answers_a_flow(vllm, owner, flow_of)
    asking.answers_eight_at_once(vllm)
    hold_a_conversation(model_source_for(owner).resolve(f"near/{base}"))
    worker.look()
    asking.tells_how_it_does(worker.service(near))


def learned(api: Any, at: str) -> None:
    """What was told of the training: it went on where it was, and the loss fell."""
    told = api.get(f"{at}/records").json()["records"]
    again = [one["facts"]["step"] for one in told if one["facts"].get("name") == "resuming"]
    assert again == [4], "it went on from its checkpoint"
    losses = {one["facts"]["step"]: one["facts"]["loss"] for one in told if "loss" in one["facts"]}
    assert sorted(losses) == list(range(1, 17))
    assert losses[16] < 0.1 < losses[1]
    assert any(one["kind"] == "sample" for one in told)
    assert api.get(at).json()["made"] == ["adapter", "merged", "gguf"]


def embeds_and_reranks(api: Any, owner: Any) -> None:
    model = open_model(Context(models=model_source_for(owner)), "vectors/minilm")
    texts = ["A cat sleeps on the sofa.", "Shares fell sharply today."]
    cat, shares, pet = model.embed([*texts, "The kitten is napping."])
    assert len(cat) == 384
    near, far = (sum(a * b for a, b in zip(pet, one, strict=True)) for one in (cat, shares))
    assert near > far + 0.2
    best, worst = model.rerank("Where is the kitten?", texts)
    assert best > worst + 0.1
    measured = api.post("/api/v1/local/measurements", {"ref": "vectors/minilm"}).json()
    assert measured["dimensions"] == 384
    assert measured["texts_per_second"] > 0


def keeps_knowledge(api: Any) -> None:
    """A knowledge base whose vectors vLLM makes finds by meaning what shares no word with the question."""
    base = api.post("/api/v1/knowledge", {"name": "Pets", "embedding": "vectors/minilm"})
    assert base.status_code == 201, base.content
    at = f"/api/v1/knowledge/{base.json()['id']}"
    texts = {"pets.md": "Cats nap on sofas all afternoon.", "money.md": "Stocks tumbled as banks failed."}
    for name, text in texts.items():
        added = api.post(f"{at}/files?name={name}", text.encode(), content_type="application/octet-stream")
        assert added.status_code in (200, 201), added.content
    while work_once():
        pass
    assert api.get(f"{at}/documents").json()["states"] == {"ready": 2}
    for question, name in (("Where do kittens sleep?", "pets"), ("What happened to shares?", "money")):
        found = api.post(f"{at}/search", {"query": question, "settings": {"mode": "dense"}}).json()
        assert found["hits"][0]["title"].startswith(name), found
    # Otherwise the index would ask for its model long after the service has stopped.
    assert api.delete(at).status_code == 204
