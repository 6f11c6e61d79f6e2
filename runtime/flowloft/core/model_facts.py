"""What a model is, read from its files and never from its name.

Safe to point at anything: only ``config.json``, the headers of safetensors files and the head of a
GGUF file are read. Checkpoints that would be unpickled, and folders that bring code of their own,
are refused.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from flowloft.core.errors import InputError
from flowloft.core.framework import Job
from flowloft.core.gguf_head import read_gguf_head

MAX_JSON = 64 << 20
"""Bytes of a JSON file or header that are read; the largest index files have a few MB."""

PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
BYTES_PER = {"float32": 4.0, "float16": 2.0, "bfloat16": 2.0, "fp8": 1.0, "int8": 1.0, "int4": 0.5}


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What sizes and choices are computed from.

    Attributes:
        path: The folder, or the GGUF file.
        format: How the weights are stored.
        architecture: As the model names it, for instance ``LlamaForCausalLM`` or ``llama``.
        job: What it is for.
        layers: Blocks.
        hidden: Width of the residual stream.
        heads: Query heads of a layer.
        kv_heads: Key and value heads of a layer.
        head_dim: Width of one head.
        latent: Numbers a token that are kept instead of keys and values, where a model compresses
            them (multi-head latent attention); else 0.
        intermediate: Width of the feed-forward part, of one expert where there are experts.
        vocabulary: Tokens that exist.
        context: Longest text in tokens that it was made for.
        experts: Experts of a layer; 0 where there are none.
        active_experts: Experts that each token passes through.
        dtype: Of the stored weights: ``bfloat16``, ``float16``, ``float32``, ...
        quantisation: How they were made smaller, for instance ``gptq`` or ``Q4_1``; else empty.
        weight_bytes: Size of the weights on disk.
        parameters: Numbers in them; 0 where a file does not tell.
        runs_code: Whether it brings Python code of its own (``auto_map``).
    """

    path: str
    format: Literal["safetensors", "gguf", "pickle"]
    architecture: str
    job: Job
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    vocabulary: int
    context: int
    weight_bytes: int
    latent: int = 0
    intermediate: int = 0
    experts: int = 0
    active_experts: int = 0
    dtype: str = "bfloat16"
    quantisation: str = ""
    parameters: int = 0
    runs_code: bool = False

    def kv_bytes_per_token(self, bytes_per: float = 2.0) -> int:
        """Returns the bytes that the cache holds for each token, over all layers: two vectors (key
        and value) for each key-value head, or the latent vector."""
        width = self.latent or 2 * self.kv_heads * self.head_dim
        return math.ceil(self.layers * width * bytes_per)

    def weight_bytes_as(self, dtype: str) -> int:
        """Returns the size of the weights when they are loaded as ``dtype``. Weights that are stored
        quantised stay as they are."""
        if self.quantisation or self.format == "gguf":
            return self.weight_bytes
        return math.ceil(self.weight_bytes * BYTES_PER[dtype] / BYTES_PER.get(self.dtype, 2.0))


def read_model(path: str | Path, *, allow_code: bool = False, allow_pickle: bool = False) -> ModelFacts:
    """Reads what a model is.

    Args:
        path: A folder with ``config.json`` and safetensors, or a GGUF file, or a folder with one.
        allow_code: Takes a folder that brings code of its own.
        allow_pickle: Takes checkpoints that execute code when they are loaded.

    Raises:
        InputError: ``no_such_model``, ``not_a_model``, ``is_adapter``, ``broken_model``,
            ``unsafe_weights`` or ``model_runs_code``, each with what to do.
    """
    place = Path(path).expanduser()
    try:
        if place.is_file():
            return _read_file(place)
        if not place.is_dir():
            raise _refused("no_such_model", f"There is no file or folder {place}.", "Check the path.")
        return _read_folder(place, allow_code=allow_code, allow_pickle=allow_pickle)
    except PermissionError as error:
        raise _refused(
            "no_such_model", f"{error.filename} may not be read.", "Let the studio's account read it."
        ) from None


def _refused(code: str, message: str, hint: str) -> InputError:
    return InputError(message, code=code, hint=hint, extra={"path": "/path"})


def _broken(message: str) -> InputError:
    return _refused("broken_model", message, "Copy or download the model again, and compare the sizes.")


def _read_file(file: Path) -> ModelFacts:
    if file.suffix == ".gguf":
        return _from_gguf(file)
    if file.suffix in PICKLES:
        raise _pickle(file.name)
    raise _refused(
        "not_a_model",
        f"{file.name} is no model that can be used here.",
        "Give a folder with config.json and .safetensors files, or one .gguf file.",
    )


def _pickle(name: str) -> InputError:
    return _refused(
        "unsafe_weights",
        f"{name} is a pickle checkpoint: loading it may run any code.",
        "Use the .safetensors files of the same model, or convert it on a machine you can lose. "
        "The owner of the studio may allow it for one folder.",
    )


def _read_folder(folder: Path, *, allow_code: bool, allow_pickle: bool) -> ModelFacts:
    config_file = folder / "config.json"
    if not config_file.is_file():
        return _read_bare(folder)
    config = _json(config_file)
    runs_code = bool(config.get("auto_map"))
    if runs_code and not allow_code:
        raise _refused(
            "model_runs_code",
            f"{folder.name} brings Python code of its own (auto_map in config.json).",
            "Use a version of it that needs none. The owner of the studio may allow it for one folder.",
        )
    weights = _weights(folder)
    if not weights:
        pickles = [file.name for file in sorted(folder.iterdir()) if file.suffix in PICKLES]
        if not pickles:
            raise _refused(
                "not_a_model", f"{folder.name} holds no weights.", "Copy its .safetensors files there."
            )
        if not allow_pickle:
            raise _pickle(pickles[0])
        size = sum((folder / name).stat().st_size for name in pickles)
        return _from_config(folder, config, "pickle", size, {}, runs_code)
    counts: dict[str, int] = {}
    for file in weights:
        for dtype, count in _tensors(file).items():
            counts[dtype] = counts.get(dtype, 0) + count
    size = sum(file.stat().st_size for file in weights)
    return _from_config(folder, config, "safetensors", size, counts, runs_code)


def _read_bare(folder: Path) -> ModelFacts:
    """Reads a folder without config.json: the one GGUF file in it, or nothing."""
    ggufs = sorted(folder.glob("*.gguf"))
    if (folder / "adapter_config.json").is_file():
        base = _json(folder / "adapter_config.json").get("base_model_name_or_path", "")
        raise _refused(
            "is_adapter",
            f"{folder.name} holds an adapter, not a model{f'; its base is {base}' if base else ''}.",
            "Start its base model as a service, and load the adapter there.",
        )
    if len(ggufs) == 1:
        return _from_gguf(ggufs[0])
    if ggufs:
        names = ", ".join(file.name for file in ggufs[:8])
        raise _refused("not_a_model", f"{folder.name} holds {len(ggufs)} GGUF files: {names}.", "Name one.")
    raise _refused(
        "not_a_model",
        f"{folder.name} holds no config.json and no .gguf file.",
        "Give the folder that holds config.json beside its .safetensors files.",
    )


def _weights(folder: Path) -> list[Path]:
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return sorted(folder.glob("*.safetensors"))
    names = _json(index).get("weight_map")
    if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
        raise _broken(f"{index.name} names no files.")
    files = [folder / name for name in sorted(set(names.values()))]
    missing = [file.name for file in files if file.parent != folder or not file.is_file()]
    if missing:
        raise _broken(f"{len(missing)} of {len(files)} files of weights are missing, first {missing[0]}.")
    return files


_DTYPES = {"F32": "float32", "F16": "float16", "BF16": "bfloat16", "F8_E4M3": "fp8", "F8_E5M2": "fp8"}
_DTYPES |= {"I8": "int8", "U8": "int8", "I32": "int32", "F64": "float64"}


def _tensors(file: Path) -> dict[str, int]:
    """Returns how many numbers of each type a safetensors file holds.

    Source: the safetensors format: 8 bytes length, a JSON header, the tensors.
    """
    size = file.stat().st_size
    with file.open("rb") as opened:
        head = opened.read(8)
        length = struct.unpack("<Q", head)[0] if len(head) == 8 else 0
        if not 2 <= length <= min(MAX_JSON, size - 8):
            raise _broken(f"{file.name} is no safetensors file.")
        try:
            header = json.loads(opened.read(length))
            del header["__metadata__"]
        except KeyError:
            pass
        except (ValueError, TypeError):
            raise _broken(f"{file.name} is no safetensors file.") from None
    counts: dict[str, int] = {}
    try:
        end = max((int(tensor["data_offsets"][1]) for tensor in header.values()), default=0)
        for tensor in header.values():
            dtype = _DTYPES.get(tensor["dtype"], str(tensor["dtype"]).lower())
            counts[dtype] = counts.get(dtype, 0) + math.prod(int(side) for side in tensor["shape"])
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise _broken(f"The header of {file.name} cannot be read.") from None
    if 8 + length + end > size:
        raise _broken(f"{file.name} ends too early: {size} bytes of {8 + length + end}.")
    return counts


def _json(file: Path) -> dict[str, Any]:
    if file.stat().st_size > MAX_JSON:
        raise _broken(f"{file.name} is larger than any such file.")
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        raise _broken(f"{file.name} is no JSON.") from None
    if not isinstance(found, dict):
        raise _broken(f"{file.name} is no JSON object.")
    return found


def _job(architecture: str) -> Job:
    if architecture.endswith("ForSequenceClassification"):
        return "rerank"
    if architecture.endswith(("ForCausalLM", "LMHeadModel", "ForConditionalGeneration")):
        return "chat"
    return "embedding"


def _number(config: dict[str, Any], *names: str, default: int | None = None) -> int:
    for name in names:
        value = config.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
    if default is None:
        raise _broken(f"config.json does not say {names[0]}.")
    return default


def _from_config(
    folder: Path,
    config: dict[str, Any],
    kept: Literal["safetensors", "pickle"],
    size: int,
    counts: dict[str, int],
    runs_code: bool,
) -> ModelFacts:
    names = config.get("architectures")
    architecture = str(names[0]) if isinstance(names, list) and names else ""
    if not architecture:
        raise _broken("config.json names no architecture.")
    inner = config.get("text_config")
    text = {**config, **inner} if isinstance(inner, dict) else config
    heads = _number(text, "num_attention_heads", "n_head")
    hidden = _number(text, "hidden_size", "n_embd", "d_model")
    experts = _number(text, "num_experts", "num_local_experts", "n_routed_experts", default=0)
    latent = _number(text, "kv_lora_rank", default=0)
    if latent:
        latent += _number(text, "qk_rope_head_dim", default=0)
    longest = _number(text, "max_position_embeddings", "n_positions", default=2048)
    bert = folder / "sentence_bert_config.json"
    if bert.is_file():  # sentence-transformers cuts texts earlier than the positions would allow
        longest = min(longest, _number(_json(bert), "max_seq_length", default=longest))
    stated = str(config.get("dtype") or config.get("torch_dtype") or "").removeprefix("torch.")
    quantised = config.get("quantization_config")
    most = max(counts, key=lambda dtype: counts[dtype]) if counts else ""
    return ModelFacts(
        path=str(folder),
        format=kept,
        architecture=architecture,
        job=_job(architecture),
        layers=_number(text, "num_hidden_layers", "n_layer"),
        hidden=hidden,
        heads=heads,
        kv_heads=_number(text, "num_key_value_heads", default=heads),
        head_dim=_number(text, "head_dim", default=hidden // heads),
        vocabulary=_number(text, "vocab_size"),
        context=longest,
        weight_bytes=size,
        latent=latent,
        intermediate=_number(text, "moe_intermediate_size", "intermediate_size", default=4 * hidden),
        experts=experts,
        active_experts=_number(text, "num_experts_per_tok", default=0) if experts else 0,
        dtype=most if most in BYTES_PER else stated or "bfloat16",
        quantisation=str(quantised.get("quant_method", "")) if isinstance(quantised, dict) else "",
        parameters=sum(counts.values()),
        runs_code=runs_code,
    )


def _from_gguf(file: Path) -> ModelFacts:
    try:
        head = read_gguf_head(file)
    except ValueError as error:
        raise _broken(f"{file.name} is no complete GGUF file: {error}.") from None
    kind = str(head.get("general.architecture", ""))

    def number(name: str, default: int | None = None) -> int:
        value = head.get(f"{kind}.{name}")
        if isinstance(value, list):  # one number a layer
            value = max(value, default=None)
        return _number({name: value}, name, default=default)

    heads, hidden = number("attention.head_count"), number("embedding_length")
    pooled = "bert" in kind or f"{kind}.pooling_type" in head
    return ModelFacts(
        path=str(file),
        format="gguf",
        architecture=kind,
        job="embedding" if pooled else "chat",
        layers=number("block_count"),
        hidden=hidden,
        heads=heads,
        kv_heads=number("attention.head_count_kv", heads),
        head_dim=number("attention.key_length", hidden // heads),
        vocabulary=number("vocab_size", int(head["tokens"]) or 1),
        context=number("context_length", 2048),
        intermediate=number("feed_forward_length", 4 * hidden),
        experts=number("expert_count", 0),
        active_experts=number("expert_used_count", 0),
        weight_bytes=file.stat().st_size,
        dtype="gguf",
        quantisation=str(head["quantisation"]),
        parameters=int(head["parameters"]),
    )
