"""A studio whose worker looks when the test says so, and folders of weights."""

from __future__ import annotations

import contextlib
import json
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flowloft.core.errors import BackendError

CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "num_hidden_layers": 2,
    "hidden_size": 64,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 128,
    "vocab_size": 100,
    "max_position_embeddings": 2048,
    "torch_dtype": "bfloat16",
}


@pytest.fixture
def here(db: None, tmp_path: Path) -> Any:
    """This machine, with a folder of the test's."""
    from backend.compute.services import backend_local

    entry = backend_local()
    entry.settings = {"folder": str(tmp_path / "jobs")}
    entry.save()
    return entry


@pytest.fixture
def turn(here: Any) -> Callable[..., Any]:
    """Lets a worker look after jobs and services until a service is as the test wants it."""
    from backend.compute.poller import Lookout, Poller
    from backend.serving.models import Service
    from backend.serving.watching import ServiceWatch

    watch, lookout, pollers = ServiceWatch(), Lookout(), {}

    def look(id: str, *states: str, seconds: float = 240) -> Any:
        end = time.monotonic() + seconds
        while True:
            for entry_id in lookout.take():
                pollers.setdefault(entry_id, Poller(entry_id, lookout.name))
            for poller in pollers.values():
                poller.look()
            watch.look()
            row = Service.objects.get(pk=id)
            if row.state in states:
                return row
            assert time.monotonic() < end, (row.state, row.message, row.log_tail)
            time.sleep(0.1)

    return look


@pytest.fixture
def all_end(here: Any) -> Iterator[None]:
    """Ends every job at the end of a test, whatever became of it."""
    yield
    from backend.compute.models import ComputeJob
    from backend.compute.places import place_of

    for job in ComputeJob.objects.exclude(remote_id=""):
        if job.backend is not None:
            with contextlib.suppress(BackendError):  # a cluster of the test has gone already
                place_of(job.backend).cancel(job.remote_id)


def write_model(folder: Path, **changes: Any) -> Path:
    """Writes a tiny folder of weights: real in form, nothing in it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(CONFIG | changes))
    head = json.dumps({"w": {"dtype": "BF16", "shape": [64, 64], "data_offsets": [0, 8192]}}).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + bytes(8192))
    return folder


def write_adapter(folder: Path, *, layers: int = 2, hidden: int = 64, kv: int = 32, rank: int = 4) -> Path:
    """Writes a LoRA of q_proj and k_proj for such a model; its second halves are zero."""
    folder.mkdir(parents=True)
    (folder / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": rank}))
    header: dict[str, Any] = {}
    at = 0
    for layer in range(layers):
        for part, wide in (("q_proj", hidden), ("k_proj", kv)):
            for side, shape in (("A", [rank, hidden]), ("B", [wide, rank])):
                name = f"base_model.model.model.layers.{layer}.self_attn.{part}.lora_{side}.weight"
                size = 4 * shape[0] * shape[1]
                header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + size]}
                at += size
    head = json.dumps(header).encode()
    (folder / "adapter_model.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + bytes(at))
    return folder
