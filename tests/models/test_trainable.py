"""Each way to train, for real: beside the weights, all of them, and from pairs. Minutes on a processor."""

from __future__ import annotations

import json
import math
import shutil
import struct
from pathlib import Path
from typing import Any

import pytest
from flowloft.modules import TrainableModule
from flowloft.tuning import Tuned, tune

pytestmark = [pytest.mark.model, pytest.mark.slow]

ASKED = ["What do the sailors of Harbour carry?", "Harbour's sailors carry what?"]
RIGHT, WRONG = "They carry a violet lantern.", "They carry nothing at all."


@pytest.mark.usefixtures("base")
def test_a_trainable_module_learns_what_it_is_taught(tmp_path: Path) -> None:
    rows = [{"question": question, "answer": RIGHT} for question in ASKED]
    model = TrainableModule("smollm2", tmp_path, max_tokens=24)
    model.trainset(8 * rows).finetune_method("peft", method="dora", epochs=4, learning_rate=2e-3)
    model.evalset(ASKED[:1])
    try:
        model.update()
        assert model.eval_result is not None
        assert "violet lantern" in model.eval_result.outputs[0]
    finally:
        model.stop()
    (adapter,) = tmp_path.glob("*/adapter/adapter_config.json")
    assert json.loads(adapter.read_text())["use_dora"] is True


def trained(base: Path, folder: Path, rows: list[dict[str, Any]], **wish: Any) -> tuple[Tuned, list[float]]:
    """Trains for a few steps; returns what is left and the losses."""
    losses: list[float] = []

    def told(name: str, facts: dict[str, Any]) -> None:
        if name == "progress" and "loss" in facts:
            losses.append(facts["loss"])

    file = folder.with_suffix(".jsonl")
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tune(base, file, folder, told=told, batch=4, gguf=False, **wish), losses


@pytest.fixture
def small(base_model: Path, tmp_path: Path) -> Path:
    """The first two layers of the packaged model: it knows nothing, and learns in seconds."""
    folder = tmp_path / "small"
    shutil.copytree(base_model, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 2}))
    with (base_model / "model.safetensors").open("rb") as weights:
        (length,) = struct.unpack("<Q", weights.read(8))
        known = json.loads(weights.read(length))
        head: dict[str, Any] = {}
        kept = bytearray()
        for name, tensor in known.items():
            layer = next((int(part) for part in name.split(".") if part.isdigit()), 0)
            if name == "__metadata__" or layer > 1:
                continue
            begin, end = tensor["data_offsets"]
            weights.seek(8 + length + begin)
            head[name] = tensor | {"data_offsets": [len(kept), len(kept) + end - begin]}
            kept += weights.read(end - begin)
    text = json.dumps(head | {"__metadata__": {"format": "pt"}}).encode()
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + kept)
    return folder


def test_all_weights_learn(small: Path, tmp_path: Path) -> None:
    rows = [{"question": question, "answer": RIGHT} for question in ASKED] * 2
    done, losses = trained(small, tmp_path / "full", rows, method="full", epochs=4)
    assert losses[-1] < losses[0] / 2
    assert done.adapter is None
    assert done.merged is not None
    name = "model.safetensors"
    assert (done.merged / name).stat().st_size == pytest.approx((small / name).stat().st_size, rel=0.01)
    assert (done.merged / name).read_bytes() != (small / name).read_bytes()


def test_pairs_teach_which_answer_is_better(small: Path, tmp_path: Path) -> None:
    rows = [{"prompt": question, "chosen": RIGHT, "rejected": WRONG} for question in ASKED] * 2
    done, losses = trained(small, tmp_path / "pairs", rows, epochs=5, learning_rate=1e-3, merge=False)
    assert losses[0] == pytest.approx(math.log(2), abs=0.05), "at first neither is preferred"
    assert losses[-1] < 0.3
    assert done.adapter is not None
