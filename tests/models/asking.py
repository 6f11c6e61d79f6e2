"""What a served model is asked, and an adapter that anybody notices."""

from __future__ import annotations

import json
import random
import struct
import time
from array import array
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

MODEL = "smollm2-135m-instruct"
QUESTION = "What is the capital of Japan?"
SYSTEM = {"role": "system", "content": "You are a helpful assistant."}


def asked(question: str = QUESTION) -> list[dict[str, str]]:
    """Returns a question as messages."""
    return [SYSTEM, {"role": "user", "content": question}]


def said(api: Any, service: Any, model: str, question: str = QUESTION) -> str:
    """Returns what a model of a service answers through the studio."""
    body = {"model": model, "messages": asked(question), "max_tokens": 24, "temperature": 0}
    answer = api.post(f"/api/v1/services/{service.pk}/v1/chat/completions", body)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["choices"][0]["message"]["content"])


def answers_a_flow(row: Any, owner: Any, flow_of: Callable[..., Any]) -> None:
    """A run of a flow gets the right answer from it, piece by piece."""
    from backend.runs.models import RunEvent
    from backend.runs.services import run_start
    from backend.runs.worker import run_work
    from tests.backend.runs.conftest import graph

    steady = {"system": SYSTEM["content"], "temperature": 0, "max_tokens": 24}
    flow = flow_of(
        graph(
            {
                "ask": {"kind": "chat_input"},
                "model": {"kind": "chat_model", "settings": {"model": f"{row.name}/{MODEL}", **steady}},
                "end": {"kind": "chat_output"},
            },
            ("ask", "text", "model", "messages"),
            ("model", "output", "end", "text"),
        )
    )
    run = run_start(owner=owner, flow=flow, inputs={"text": QUESTION})
    run_work(run_id=run.id)
    run.refresh_from_db()
    assert run.status == "succeeded", run.error
    assert "Tokyo" in run.outputs["text"]
    told = RunEvent.objects.filter(run=run, type="step.delta").count()
    assert told, "it came while it was said"


def answers_eight_at_once(row: Any) -> None:
    """Eight who ask together do not wait for one another."""
    from backend.serving.launching import key_of

    body = {"model": MODEL, "messages": asked(), "max_tokens": 24, "temperature": 0, "ignore_eos": True}
    headers = {"Authorization": f"Bearer {key_of(row)}"}

    def once(_: int) -> float:
        began = time.monotonic()
        answer = httpx.post(f"{row.url}/v1/chat/completions", json=body, headers=headers, timeout=300)
        assert "Tokyo" in answer.json()["choices"][0]["message"]["content"]
        return time.monotonic() - began

    once(0)
    alone = min(once(0), once(1))
    began = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(once, range(8)))
    together = time.monotonic() - began
    assert together < 6 * alone, f"8 at once took {together:.1f} s, one {alone:.1f} s"


def takes_an_adapter(api: Any, row: Any, folder: Path) -> None:
    """An adapter of another base is refused, a fitting one is heard, and gone when it is taken out."""
    address = f"/api/v1/services/{row.pk}"
    wrong = write_lora(folder / "wrong", layers=2, hidden=2048)
    refused = api.post(f"{address}/adapters", {"name": "wrong", "path": str(wrong)})
    assert refused.json()["code"] == "adapter_of_another_base"
    adapter = write_lora(folder / "adapter")
    loaded = api.post(f"{address}/adapters", {"name": "loud", "path": str(adapter)})
    assert loaded.status_code == 200, loaded.content
    assert {"name": "loud", "path": str(adapter)} in loaded.json()["adapters"]
    assert said(api, row, "loud") != said(api, row, MODEL), "the adapter counts"
    assert "Tokyo" in said(api, row, MODEL), "the base beside it has not changed"
    assert any(one["ref"] == f"{row.name}/loud" for one in api.get("/api/v1/models").json())
    left = api.delete(f"{address}/adapters/loud").json()["adapters"]
    assert all(one["name"] != "loud" for one in left)
    gone = api.post(f"{address}/v1/chat/completions", {"model": "loud", "messages": asked()})
    assert gone.status_code == 404


def tells_how_it_does(row: Any) -> None:
    """Its figures are measured."""
    sample = row.samples[-1]
    assert {"at", "running", "waiting", "tokens_per_second", "memory"} <= sample.keys()
    assert sample["memory"] > 1 << 30, "all its processes, in bytes"


def write_lora(folder: Path, *, layers: int = 30, hidden: int = 576, rank: int = 4) -> Path:
    """Writes a LoRA of q_proj with large random numbers: whoever takes it says something else."""
    folder.mkdir(parents=True)
    config = {"peft_type": "LORA", "r": rank, "lora_alpha": 8, "target_modules": ["q_proj"], "bias": "none"}
    config |= {"task_type": "CAUSAL_LM", "base_model_name_or_path": MODEL}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    luck = random.Random(1)
    header: dict[str, Any] = {}
    numbers = array("f")
    for layer in range(layers):
        for side, shape in (("A", [rank, hidden]), ("B", [hidden, rank])):
            name = f"base_model.model.model.layers.{layer}.self_attn.q_proj.lora_{side}.weight"
            begin = 4 * len(numbers)
            numbers.extend(luck.gauss(0, 1) for _ in range(rank * hidden))
            header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, 4 * len(numbers)]}
    head = json.dumps(header).encode()
    written = struct.pack("<Q", len(head)) + head + numbers.tobytes()
    (folder / "adapter_model.safetensors").write_bytes(written)
    return folder
