"""A model is laid over devices as the arithmetic says, and every refusal says by how much."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from flowloft.core.errors import NoFit
from flowloft.core.framework import FRAMEWORKS, LocalModel, Wish, choose_serving
from flowloft.core.hardware import GIB, Hardware, gpus
from flowloft.core.sizing import room

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "scripts"))
from serving_examples import CAPABILITY, examples, models

VLLM = FRAMEWORKS.get("vllm")()
BY_NAME = {model.name: model for model in models()}
LIGHTLLM_FLAGS = {
    *("--model_dir", "--model_name", "--host", "--port", "--nccl_port", "--tp", "--max_total_token_num"),
    *("--max_req_total_len", "--running_max_req_size", "--data_type", "--tokenizer_mode", "--mem_fraction"),
    *("--trust_remote_code", "--eos_id", "--dp", "--quant_type", "--nnodes", "--node_rank", "--nccl_host"),
}
"""Recorded from ``--help`` of LightLLM 1.0.1 (commit fc72ffab)."""


# By hand: 0.9 of the memory, less weights / tp, less 1.5 GiB + 16384 * (4 * hidden + 2 * intermediate / tp)
# + 1024 * vocabulary, divided by the bytes of a token on one device.
@pytest.mark.parametrize(
    ("name", "count", "memory", "tp", "copies", "quantisation"),
    [
        # 21.6 GiB usable, 0.92 of weights: one device is plenty, so each of 8 holds a copy.
        ("Qwen2.5 0.5B", 8, 24, 1, 8, ""),
        # 21.6 - 14.2 - 2.4 = 5.0 GiB; 56 KiB a token: 94 k tokens >= 32768.
        ("Qwen2.5 7B", 1, 24, 1, 1, ""),
        # 21.6 - 15.0 - 2.3 = 4.4 GiB; 128 KiB a token: 35 k tokens >= 32768.
        ("Llama 3.1 8B", 1, 24, 1, 1, ""),
        # 61 GiB / 2 = 30.5 of 36 GiB leaves 3 GiB = 25 k tokens at 128 KiB: too few, so 4.
        ("Qwen2.5 32B", 4, 40, 4, 1, ""),
        # 135 GiB / 4 = 33.9 of 72 GiB on each, 80 KiB a token.
        ("Qwen2.5 72B", 4, 80, 4, 1, ""),
        # 135 GiB do not go into 126.9; in fp8 they are 67.7.
        ("Qwen2.5 72B", 1, 141, 1, 1, "fp8"),
        ("Llama 3.1 70B", 8, 80, 4, 2, ""),
        ("Mixtral 8x7B", 2, 80, 2, 1, ""),
        ("Qwen3 30B A3B", 1, 80, 1, 1, ""),
    ],
)
def test_worked_examples(name: str, count: int, memory: int, tp: int, copies: int, quantisation: str) -> None:
    choice = VLLM.fits(BY_NAME[name], Hardware(gpus(count, memory, CAPABILITY[memory])))
    found = choice.value
    assert found is not None, choice
    assert (found.tensor_parallel, found.replicas, found.quantisation) == (tp, copies, quantisation), choice
    assert "GiB" in choice.reason


def test_every_choice_fits_its_devices_and_no_smaller_number_would_have() -> None:
    seen = 0
    for model, count, memory, choice in examples():
        found, facts = choice.value, model.facts
        assert facts is not None
        if found is None:
            assert "It does not fit" in choice.reason
            continue
        seen += 1
        tp = found.tensor_parallel
        assert facts.heads % tp == 0
        assert facts.kv_heads % tp == 0 or tp % facts.kv_heads == 0
        assert tp * found.replicas <= count
        laid = room(facts, tp, memory * GIB, found.quantisation or found.dtype)
        held = laid.weights + laid.working + found.context * laid.per_token
        assert held <= memory * GIB * 0.9
        smaller = [n for n in range(1, tp) if facts.heads % n == 0 and facts.kv_heads % n == 0]
        for less in smaller:
            assert room(facts, less, memory * GIB, found.quantisation or found.dtype).tokens < found.context
    assert seen > 90


def test_fourteen_heads_are_not_divided_by_four() -> None:
    choice = VLLM.fits(BY_NAME["Qwen2.5 0.5B"], Hardware(gpus(8, 24)), Wish(tensor_parallel=4))
    assert choice.value is None
    assert "14 heads" in choice.reason
    assert "Possible: 1, 2" in choice.reason


def test_a_model_too_large_for_all_devices_says_by_how_much() -> None:
    choice = VLLM.fits(BY_NAME["Qwen2.5 72B"], Hardware(gpus(4, 24)))
    assert choice.value is None
    assert "33.9 GiB of weights" in choice.reason
    assert "21.6 GiB usable" in choice.reason


def test_lightllm_gets_only_flags_that_it_knows() -> None:
    lightllm = FRAMEWORKS.get("lightllm")()
    model = BY_NAME["Llama 3.1 70B"]
    choice = lightllm.fits(model, Hardware(gpus(4, 80)))
    assert choice.value is not None
    argv = lightllm.launch(LocalModel("llama", "chat", "/models/llama", model.facts), choice.value).argv
    assert {word for word in argv if word.startswith("--")} <= LIGHTLLM_FLAGS
    assert argv[argv.index("--tp") + 1] == "4"
    assert int(argv[argv.index("--max_total_token_num") + 1]) == choice.value.cache_tokens


def test_vllm_on_several_devices_gets_what_was_chosen() -> None:
    model = BY_NAME["Llama 3.1 70B"]
    choice = VLLM.fits(model, Hardware(gpus(8, 80)), Wish(adapters=2))
    assert choice.value is not None
    launch = VLLM.launch(LocalModel("llama", "chat", "/models/llama", model.facts), choice.value)
    line = " ".join(launch.argv)
    assert "--tensor-parallel-size 4" in line
    assert "--data-parallel-size 2" in line
    assert "--enable-lora --max-loras 2" in line
    assert launch.gpus == 8
    assert launch.key_env == "VLLM_API_KEY"
    assert "--api-key" not in line, "a key on a command line is seen by everybody on the machine"


def test_the_choice_across_frameworks_names_what_was_rejected() -> None:
    model = BY_NAME["Llama 3.1 8B"]
    choice = choose_serving(model, Hardware(gpus(1, 80)), here=False)
    assert choice.value.framework == "vllm"
    rejected = dict(choice.rejected)
    assert "GGUF" in rejected["llamacpp"]
    assert "preferred" in rejected["lightllm"]
    named = choose_serving(model, Hardware(gpus(1, 80)), framework="lightllm", here=False)
    assert named.value.framework == "lightllm"
    with pytest.raises(NoFit, match="Nothing can serve"):
        choose_serving(model, Hardware((), 8, 16 * GIB, 4 * GIB), here=False)


def test_a_processor_that_only_imitates_bf16_serves_in_float32_as_long_as_that_fits() -> None:
    model = BY_NAME["Qwen2.5 0.5B"]

    def on(free: float, *, bf16: bool) -> tuple[str, str, list[str]]:
        choice = VLLM.fits(model, Hardware((), 8, 64 * GIB, int(free * GIB), bf16=bf16))
        assert choice.value is not None, choice.reason
        return choice.value.dtype, choice.reason, [kind for kind, _ in choice.rejected]

    assert on(32, bf16=True)[0] == "bfloat16"
    dtype, reason, _ = on(32, bf16=False)
    assert dtype == "float32"
    assert reason.endswith("The processor has no arithmetic for bf16.")
    assert model.facts is not None
    # Beside the weights 2.5 GiB to work with and 1 for tokens: too little in four bytes, enough in two.
    assert on(model.facts.weight_bytes_as("float32") / GIB + 3, bf16=False)[::2] == ("bfloat16", ["float32"])
