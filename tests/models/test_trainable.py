"""Each way to train, for real: beside the weights, all of them, and from pairs. Minutes on a processor."""

from __future__ import annotations

import json
import math
import shutil
import struct
from concurrent.futures import ThreadPoolExecutor
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
    model.trainset(8 * rows).finetune_method("peft", epochs=4, learning_rate=2e-3)
    model.evalset(ASKED[:1])
    try:
        model.update()
        assert model.eval_result is not None
        assert "violet lantern" in model.eval_result.outputs[0]
    finally:
        model.stop()


@pytest.fixture(scope="module")
def small(base_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first two layers of the packaged model: it knows nothing, and learns in seconds."""
    folder = tmp_path_factory.mktemp("base") / "small"
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


WAYS: dict[str, dict[str, Any]] = {
    "dora": {"method": "dora", "learning_rate": 1e-2, "epochs": 5, "merge": False},
    "full": {"method": "full", "learning_rate": 2e-3, "epochs": 5},
    "pairs": {"learning_rate": 1e-2, "epochs": 5, "merge": False},
}
Learned = dict[str, tuple[Tuned, list[float]]]


@pytest.fixture(scope="module")
def learned(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Learned:
    """What each way has left and its losses. They run side by side: most of each is loading."""
    place = tmp_path_factory.mktemp("ways")
    examples = [{"question": question, "answer": RIGHT} for question in ASKED] * 2
    pairs = [{"prompt": question, "chosen": RIGHT, "rejected": WRONG} for question in ASKED] * 2

    def train(way: str) -> tuple[Tuned, list[float]]:
        losses: list[float] = []

        def told(name: str, facts: dict[str, Any]) -> None:
            if name == "progress" and "loss" in facts:
                losses.append(facts["loss"])

        file = place / f"{way}.jsonl"
        rows = pairs if way == "pairs" else examples
        file.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return tune(
            small, file, place / way, told=told, batch=4, save_every=99, gguf=False, **WAYS[way]
        ), losses

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(WAYS, pool.map(train, WAYS), strict=True))


def test_dora_learns(learned: Learned) -> None:
    done, losses = learned["dora"]
    assert losses[-1] < losses[0] * 0.8
    assert done.adapter is not None
    assert json.loads((done.adapter / "adapter_config.json").read_text())["use_dora"] is True


def test_all_weights_learn(learned: Learned, small: Path) -> None:
    done, losses = learned["full"]
    assert losses[-1] < losses[0] * 0.8
    assert done.adapter is None
    assert done.merged is not None
    before, after = small / "model.safetensors", done.merged / "model.safetensors"
    assert after.stat().st_size == pytest.approx(before.stat().st_size, rel=0.01)
    assert after.read_bytes() != before.read_bytes()


def test_pairs_teach_which_answer_is_better(learned: Learned) -> None:
    done, losses = learned["pairs"]
    assert losses[0] == pytest.approx(math.log(2), abs=0.05), "at first neither is preferred"
    assert losses[-1] < 0.3
    assert done.adapter is not None
