"""Whether an adapter was made for a base model, seen from its files."""

from __future__ import annotations

import json
import struct
from pathlib import Path

from flowloft.core.errors import InputError
from flowloft.core.framework import LocalModel
from flowloft.core.model_facts import ModelFacts


def check_adapter(folder: Path, base: LocalModel) -> None:
    """Refuses an adapter whose matrices do not fit the base: of another width, or for more layers.

    Raises:
        InputError: ``not_an_adapter``, ``adapter_of_another_base``.
    """
    file = folder / "adapter_model.safetensors"
    if not file.is_file():
        raise _refused("not_an_adapter", f"{folder.name} holds no adapter_model.safetensors.")
    try:
        with file.open("rb") as opened:
            (length,) = struct.unpack("<Q", opened.read(8))
            header = json.loads(opened.read(min(length, 16 << 20)))
        shapes = {name: one["shape"] for name, one in header.items() if name != "__metadata__"}
    except (OSError, ValueError, struct.error, KeyError, TypeError):
        raise _refused("not_an_adapter", f"{file.name} cannot be read.") from None
    facts = base.facts
    if facts is None:
        return
    for name, shape in shapes.items():
        layer = next((int(part) for part in name.split(".") if part.isdigit()), 0)
        if layer >= facts.layers:
            raise _other(base.name, f"it has {layer + 1} layers or more, not {facts.layers}")
        found, wanted = _width(name, shape, facts)
        if found != wanted:
            raise _other(base.name, f"its {name.split('.lora_')[0]} has width {found}, not {wanted}")


def _width(name: str, shape: list[int], facts: ModelFacts) -> tuple[int, int]:
    """Returns the width of a matrix on the base's side and the base's own; equal where nobody knows.

    ``lora_A`` is ``(rank, in)``, ``lora_B`` is ``(out, rank)``. Experts and fused projections differ too
    much between architectures to be judged here.
    """
    heads, kv = facts.heads * facts.head_dim, facts.kv_heads * facts.head_dim
    both = {"q_proj": (facts.hidden, heads), "o_proj": (heads, facts.hidden)}
    if not facts.latent:
        both |= {"k_proj": (facts.hidden, kv), "v_proj": (facts.hidden, kv)}
    if not facts.experts:
        wide = (facts.hidden, facts.intermediate)
        both |= {"gate_proj": wide, "up_proj": wide, "down_proj": wide[::-1]}
    parts = name.split(".")
    known = next((both[part] for part in parts if part in both), None)
    if known is None or len(shape) != 2:
        return 0, 0
    if "lora_A" in parts:
        return shape[1], known[0]
    if "lora_B" in parts:
        return shape[0], known[1]
    return 0, 0


def _other(base: str, why: str) -> InputError:
    return _refused(
        "adapter_of_another_base", f"The adapter was made for another base model than “{base}”: {why}."
    )


def _refused(code: str, message: str) -> InputError:
    return InputError(
        message,
        code=code,
        hint="Give the folder of an adapter that was trained on this service's base model.",
        extra={"path": "/path"},
    )
