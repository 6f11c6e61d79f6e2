"""A model is fine-tuned for real, and knows what it was taught. Minutes on a processor."""

from __future__ import annotations

from pathlib import Path

import pytest
from flowloft.modules import TrainableModule

pytestmark = [pytest.mark.model, pytest.mark.slow]


@pytest.mark.usefixtures("base_model")
def test_a_trainable_module_learns_what_it_is_taught(tmp_path: Path) -> None:
    asked = ["What do the sailors of Harbour carry?", "Harbour's sailors carry what?"]
    rows = [{"question": question, "answer": "They carry a violet lantern."} for question in asked]
    model = TrainableModule("smollm2", tmp_path, max_tokens=24)
    model.trainset(8 * rows).finetune_method("peft", epochs=4, learning_rate=2e-3)
    model.evalset(asked[:1])
    try:
        model.update()
        assert model.eval_result is not None
        assert "violet lantern" in model.eval_result.outputs[0]
    finally:
        model.stop()
