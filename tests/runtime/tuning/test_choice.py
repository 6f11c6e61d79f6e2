"""What people lose if this fails: a fine-tune that dies for want of memory, or a choice without a reason."""

from __future__ import annotations

import pytest
from flowloft.core.errors import NoFit
from flowloft.core.hardware import GIB, Hardware, gpus
from flowloft.core.model_facts import ModelFacts
from flowloft.core.trainer import DataFacts, TuneWish
from flowloft.core.tune_sizing import USABLE, lora_parameters
from flowloft.tuning import choose

SMOL = ModelFacts(
    path="smol", format="safetensors", architecture="LlamaForCausalLM", job="chat", layers=30, hidden=576,
    heads=9, kv_heads=3, head_dim=64, vocabulary=49152, context=8192, weight_bytes=269_000_000,
    intermediate=1536, parameters=134_515_008,
)  # fmt: skip
QWEN_7B = ModelFacts(
    path="qwen", format="safetensors", architecture="Qwen2ForCausalLM", job="chat", layers=28, hidden=3584,
    heads=28, kv_heads=4, head_dim=128, vocabulary=152064, context=32768, weight_bytes=15_231_000_000,
    intermediate=18944, parameters=7_615_616_512,
)  # fmt: skip
DATA = DataFacts(examples=64, mean=60, longest=80)
LONG = DataFacts(examples=5_000, mean=600, longest=2_000)


def on(count: int, memory: int) -> Hardware:
    return Hardware(gpus(count, memory), 16, 200 * GIB, 200 * GIB)


def test_lora_trains_what_the_arithmetic_says() -> None:
    # Each block: q, o 576x576; k, v 576x192; gate, up 576x1536; down 1536x576; rank 8.
    attention = 2 * (576 + 576) + 2 * (576 + 192)
    assert lora_parameters(SMOL, 8) == 8 * 30 * (attention + 3 * (576 + 1536)) == 2_442_240


@pytest.mark.parametrize(
    ("model", "data", "hardware", "wish", "expected"),
    [
        (SMOL, DATA, Hardware((), 2, 24 * GIB, 20 * GIB), {}, ("peft", "lora", 8, False, 1, 0)),
        (QWEN_7B, LONG, on(1, 24), {}, ("peft", "lora", 1, True, 1, 0)),
        # 73.0 GB usable - 15.2 weights - 0.3 trained - 1.1 = 56.4; an example takes 6.8 + 3.6 = 10.5.
        (QWEN_7B, LONG, on(1, 80), {}, ("peft", "lora", 4, False, 1, 0)),
        # 14.6 GB usable: 15.2 of weights don't fit, 4.2 in 4 bits do; recomputed, an example takes 4.3.
        (QWEN_7B, LONG, on(1, 16), {}, ("peft", "qlora", 2, True, 1, 0)),
        # 16 bytes for each of 7.6 G parameters are 122 GB, a device's eighth 15.2; 41.5 GB are left.
        (QWEN_7B, LONG, on(8, 80), {"method": "full", "batch": 64}, ("peft", "full", 2, False, 8, 2)),
    ],
)
def test_worked_examples(
    model: ModelFacts,
    data: DataFacts,
    hardware: Hardware,
    wish: dict[str, object],
    expected: tuple[object, ...],
) -> None:
    found = choose(model, data, TuneWish.model_validate(wish), hardware)
    plan = found.value
    shown = (plan.trainer, plan.method, plan.micro_batch, plan.checkpointing, plan.dp, plan.zero)
    assert shown == expected, found.reason
    assert plan.batch == plan.micro_batch * plan.accumulation * plan.dp
    room = min((device.free for device in hardware.devices), default=hardware.free)
    assert plan.memory <= room * USABLE
    assert found.reason
    assert found.rejected
    assert {"method", "learning_rate", "micro_batch", "checkpointing", "zero"} <= set(plan.reasons)


def test_what_fits_nowhere_says_why_of_each() -> None:
    with pytest.raises(NoFit) as caught:
        choose(QWEN_7B, LONG, TuneWish(), Hardware((), 2, 8 * GIB, 6 * GIB))
    rejected = dict(caught.value.extra["rejected"])
    assert "GiB" in rejected["peft"]
    assert "GPUs only" in rejected["collie"]


def test_a_gguf_file_is_not_trained() -> None:
    from dataclasses import replace

    with pytest.raises(NoFit, match="safetensors"):
        choose(replace(SMOL, format="gguf"), DATA, TuneWish(), on(1, 80))


def test_collie_divides_the_heads_where_it_is_asked_for() -> None:
    plan = choose(QWEN_7B, LONG, TuneWish(method="full", batch=64), on(4, 80), trainer="collie").value
    assert (plan.trainer, plan.tp, plan.dp) == ("collie", 4, 1)


def test_a_processor_that_only_imitates_bf16_trains_in_fp32() -> None:
    able, unable = (Hardware((), 2, 24 * GIB, 20 * GIB, bf16=bf16) for bf16 in (True, False))
    quick, slow = (choose(SMOL, DATA, TuneWish(), hardware).value for hardware in (able, unable))
    assert (quick.precision, slow.precision) == ("bf16", "fp32")
    assert "imitating" in slow.reasons["precision"]
    assert slow.memory > quick.memory, "activations of four bytes take more than of two"
    assert slow.seconds > quick.seconds
