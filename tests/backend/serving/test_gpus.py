"""Several GPUs: chosen, started with what was chosen, asked by a flow.

The engines are stubs that speak the real protocols and refuse arguments that the real ones do not know;
none of it has been run on hardware.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flowloft.core import hardware
from flowloft.core.context import Context
from flowloft.core.provider import open_model

from tests.backend.serving.conftest import write_model
from tests.stubs.gpu_machine import gpu_machine

LLAMA_8B = {
    "num_hidden_layers": 32,
    "hidden_size": 4096,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "intermediate_size": 14336,
    "vocab_size": 128256,
    "max_position_embeddings": 131072,
}


@pytest.fixture
def four_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    machine = gpu_machine(tmp_path / "machine", count=4)
    monkeypatch.setenv("PATH", f"{machine.programs}:{os.environ['PATH']}")
    monkeypatch.setenv("FLOWLOFT_LOCAL_ENV", str(machine.env))
    hardware._here.cache_clear()
    yield
    hardware._here.cache_clear()


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.parametrize("framework", ["lightllm", "vllm"])
@pytest.mark.django_db(transaction=True)
def test_four_gpus_serve_a_model_that_a_flow_asks(
    framework: str,
    api: Any,
    owner: Any,
    four_gpus: None,
    tmp_path: Path,
    turn: Callable[..., Any],
    all_end: None,
) -> None:
    from backend.hub.source import model_source_for

    machine = api.get("/api/v1/local/hardware").json()
    assert [one["memory"] for one in machine["devices"]] == [80 << 30] * 4
    model = write_model(tmp_path / "llama", **LLAMA_8B)
    weights = api.post("/api/v1/local/models", {"path": str(model), "name": "llama"}).json()
    wish = {"tensor_parallel": 4, "context": 16384, "framework": framework}
    made = api.post("/api/v1/services", {"name": "big", "weights": weights["id"], **wish})
    assert made.status_code == 201, made.content
    assert made.json()["framework"] == framework
    assert made.json()["serving"]["tensor_parallel"] == 4
    row = turn(made.json()["id"], "ready")

    (line,) = [one for one in row.log_tail.splitlines() if one.startswith("arguments: ")]
    argv = json.loads(line.removeprefix("arguments: "))
    given = dict(zip(argv[::2], argv[1::2], strict=False))
    if framework == "vllm":
        assert given["--tensor-parallel-size"] == "4"
        assert given["--max-model-len"] == "16384"
        assert given["--host"] == "127.0.0.1"
        assert not any("KEY" in word.upper() for word in argv)
    else:
        assert given["--tp"] == "4"
        assert given["--max_req_total_len"] == "16384"
        assert given["--host"] == "127.0.0.1"
        assert int(given["--max_total_token_num"]) == row.serving["cache_tokens"]
        assert given["--port"] != given["--nccl_port"]

    asked = open_model(Context(models=model_source_for(owner)), "big/llama")
    pieces = [chunk.text for chunk in asked.stream([{"role": "user", "content": "Hello"}])]
    assert "".join(pieces) == "served by a stub"
    sample = turn(str(row.pk), "ready").samples[-1]
    assert (sample["running"], sample["waiting"]) == (1, 2)
    assert sample["device_memory"] == 4096 << 20
    assert sample["memory"] > 1 << 20


@pytest.mark.django_db
def test_the_choice_on_four_gpus_says_why_and_what_else_there_was(
    api: Any, four_gpus: None, tmp_path: Path, here: Any
) -> None:
    model = write_model(tmp_path / "llama", **LLAMA_8B)
    weights = api.post("/api/v1/local/models", {"path": str(model)}).json()
    (fit,) = api.post(f"/api/v1/local/models/{weights['id']}/fits", {}).json()
    assert fit["fits"]
    assert (fit["gpus"], fit["cost"]) == (4, None)
    assert fit["memory"] > 16 << 30, "of each GPU"
    api.put("/api/v1/local/rates", {"place": fit["backend"], "currency": "CNY", "amount": 8})
    (fit,) = api.post(f"/api/v1/local/models/{weights['id']}/fits", {}).json()
    assert fit["cost"] == {"amount": 32, "currency": "CNY"}, "an hour of each"
    frameworks = api.get("/api/v1/local/frameworks").json()
    assert {"vllm", "lightllm", "llamacpp"} <= {one["key"] for one in frameworks}
    assert fit["framework"] == "vllm"
    assert fit["serving"]["replicas"] == 4, "one copy a device: it fits one"
    assert "vllm.entrypoints.openai.api_server" in fit["command"]
    others = {one["what"]: one["reason"] for one in fit["rejected"]}
    assert "preferred" in others["lightllm"]
    assert "GGUF" in others["llamacpp"]
