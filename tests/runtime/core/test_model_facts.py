"""What is no model, or could harm, is refused with a remedy; what is one is read from its files."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest
from flowloft.core.errors import InputError
from flowloft.core.model_facts import read_model

CONFIG = {
    "architectures": ["Qwen3MoeForCausalLM"],
    "num_hidden_layers": 2,
    "hidden_size": 64,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 32,
    "vocab_size": 100,
    "num_experts": 8,
    "num_experts_per_tok": 2,
    "moe_intermediate_size": 48,
}


def tensors(size: int = 8192, claimed: int = 8192) -> bytes:
    head = json.dumps({"w": {"dtype": "BF16", "shape": [64, 64], "data_offsets": [0, claimed]}}).encode()
    return struct.pack("<Q", len(head)) + head + bytes(size)


def folder(path: Path, files: dict[str, bytes | dict[str, object]]) -> Path:
    path.mkdir()
    for name, content in files.items():
        (path / name).write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def test_the_files_are_believed_and_not_the_name(tmp_path: Path) -> None:
    facts = read_model(
        folder(tmp_path / "llama-70b", {"config.json": CONFIG, "model.safetensors": tensors()})
    )
    assert (facts.layers, facts.heads, facts.kv_heads, facts.head_dim) == (2, 4, 2, 32)
    assert (facts.experts, facts.active_experts, facts.intermediate) == (8, 2, 48)
    assert facts.parameters == 64 * 64
    assert facts.kv_bytes_per_token() == 2 * 2 * 2 * 32 * 2  # layers, key and value, heads, width, bytes


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"readme.txt": b"hello"}, "not_a_model"),
        ({"config.json": CONFIG}, "not_a_model"),
        ({"config.json": b"{"}, "broken_model"),
        ({"config.json": {"architectures": ["X"]}, "model.safetensors": tensors()}, "broken_model"),
        ({"config.json": CONFIG, "model.safetensors": tensors(size=100)}, "broken_model"),
        ({"config.json": CONFIG, "model.safetensors": b"\xff" * 64}, "broken_model"),
        ({"config.json": CONFIG, "pytorch_model.bin": b"\x80\x04"}, "unsafe_weights"),
        (
            {"config.json": CONFIG | {"auto_map": {"AutoModel": "x.Y"}}, "model.safetensors": tensors()},
            "model_runs_code",
        ),
        ({"adapter_config.json": {"base_model_name_or_path": "base"}}, "is_adapter"),
        ({"a.gguf": b"GGUF\x03\x00\x00\x00"}, "broken_model"),
        ({"a.gguf": b"GGUF\x03\x00\x00\x00" + b"\xff" * 40}, "broken_model"),
        (
            {"config.json": CONFIG, "model.safetensors.index.json": {"weight_map": {"w": "../../x"}}},
            "broken_model",
        ),
    ],
)
def test_each_bad_folder_says_what_is_wrong_and_what_to_do(
    tmp_path: Path, files: dict[str, bytes | dict[str, object]], code: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_model(folder(tmp_path / "m", files))
    assert caught.value.error_code == code
    assert caught.value.hint
    assert caught.value.extra["path"] == "/path"


def test_an_embedding_model_is_as_long_as_it_was_trained_for(tmp_path: Path) -> None:
    config = CONFIG | {"architectures": ["BertModel"], "max_position_embeddings": 512}
    made = folder(tmp_path / "m", {"config.json": config, "model.safetensors": tensors()})
    assert (read_model(made).job, read_model(made).context) == ("embedding", 512)
    (made / "sentence_bert_config.json").write_text('{"max_seq_length": 256}')
    assert read_model(made).context == 256


def test_the_owner_may_allow_code_and_pickles(tmp_path: Path) -> None:
    made = folder(
        tmp_path / "m", {"config.json": CONFIG | {"auto_map": {"A": "x.Y"}}, "pytorch_model.bin": b"\x80"}
    )
    facts = read_model(made, allow_code=True, allow_pickle=True)
    assert facts.runs_code
    assert facts.format == "pickle"
