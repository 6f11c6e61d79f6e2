"""vLLM for real, on the processor: the packaged model, converted, answers as a service of the studio."""

from __future__ import annotations

import json
import struct
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from flowloft.core.context import Context
from flowloft.core.framework import FRAMEWORKS
from flowloft.core.local_env import local_env
from flowloft.core.provider import open_model

from tests.backend.serving.conftest import all_end, here, turn
from tests.conformance.real_server import hold_a_conversation

__all__ = ["all_end", "here", "turn"]
pytestmark = [pytest.mark.model, pytest.mark.slow]
ASKED = [
    {"role": "system", "content": "You are a helpful assistant."},
    {"role": "user", "content": "What is the capital of France?"},
]


def random_adapter(folder: Path, layers: int = 30, hidden: int = 576, rank: int = 4) -> Path:
    """Writes a LoRA of q_proj whose second half is zero: it loads as any other and changes nothing."""
    folder.mkdir(parents=True)
    config = {"peft_type": "LORA", "r": rank, "lora_alpha": 8, "target_modules": ["q_proj"], "bias": "none"}
    config |= {"task_type": "CAUSAL_LM", "base_model_name_or_path": "smollm2-135m-instruct"}
    (folder / "adapter_config.json").write_text(json.dumps(config))
    header: dict[str, Any] = {}
    at = 0
    for layer in range(layers):
        for side, shape in (("A", [rank, hidden]), ("B", [hidden, rank])):
            size = 4 * rank * hidden
            name = f"base_model.model.model.layers.{layer}.self_attn.q_proj.lora_{side}.weight"
            header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + size]}
            at += size
    head = json.dumps(header).encode()
    (folder / "adapter_model.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + bytes(at))
    return folder


def test_the_engine_itself_says_what_it_runs_on() -> None:
    assert local_env() is not None, "make local-models comes first"
    found = FRAMEWORKS.get("vllm")().probe()
    assert found.value, found.reason
    refused = FRAMEWORKS.get("lightllm")().probe()
    assert not refused.value
    assert refused.reason


@pytest.mark.django_db(transaction=True)
def test_vllm_answers_a_model_node_streams_serves_eight_and_takes_an_adapter(
    api: Any, owner: Any, base_model: Path, tmp_path: Path, turn: Callable[..., Any], all_end: None
) -> None:
    from backend.hub.source import model_source_for
    from backend.serving.launching import key_of

    found = api.get("/api/v1/local/models").json()
    weights = next(one for one in found if one["path"] == str(base_model))
    asked = {"name": "real", "weights": weights["id"], "context": 1024, "adapters": 2}
    made = api.post("/api/v1/services", asked)
    assert made.status_code == 201, made.content
    assert made.json()["framework"] == "vllm"
    row = turn(made.json()["id"], "ready", seconds=300)
    gateway = f"/api/v1/services/{row.pk}/v1"

    model = open_model(Context(models=model_source_for(owner)), "real/smollm2-135m-instruct")
    pieces = [chunk.text for chunk in model.stream(ASKED, max_tokens=16, temperature=0)]
    assert "Paris" in "".join(pieces)
    assert len([piece for piece in pieces if piece]) > 3, "it came in pieces"

    hold_a_conversation(model.connection)

    body = {"model": "smollm2-135m-instruct", "messages": ASKED, "max_tokens": 32, "temperature": 0}
    headers = {"Authorization": f"Bearer {key_of(row)}"}

    def once(_: int) -> float:
        started = time.monotonic()
        answer = httpx.post(f"{row.url}/v1/chat/completions", json=body, headers=headers, timeout=120)
        assert "Paris" in answer.json()["choices"][0]["message"]["content"]
        return time.monotonic() - started

    alone = once(0)
    started = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(once, range(8)))
    together = time.monotonic() - started
    assert together < 6 * alone, f"8 at once took {together:.1f} s, one {alone:.1f} s"

    adapter = random_adapter(tmp_path / "adapter")
    wrong = random_adapter(tmp_path / "wrong", layers=2, hidden=2048)
    refused = api.post(f"/api/v1/services/{row.pk}/adapters", {"name": "wrong", "path": str(wrong)})
    assert refused.json()["code"] == "adapter_of_another_base"
    loaded = api.post(f"/api/v1/services/{row.pk}/adapters", {"name": "tuned", "path": str(adapter)})
    assert loaded.status_code == 200, loaded.content
    assert loaded.json()["adapters"] == [{"name": "tuned", "path": str(adapter)}]
    answer = api.post(f"{gateway}/chat/completions", body | {"model": "tuned"}).json()
    assert "Paris" in answer["choices"][0]["message"]["content"]
    assert any(one["ref"] == "real/tuned" for one in api.get("/api/v1/models").json())
    assert api.delete(f"/api/v1/services/{row.pk}/adapters/tuned").json()["adapters"] == []
    assert api.post(f"{gateway}/chat/completions", body | {"model": "tuned"}).status_code == 404

    time.sleep(5)
    measured = turn(str(row.pk), "ready")
    assert {"at", "running", "waiting", "tokens_per_second"} <= measured.samples[-1].keys()
