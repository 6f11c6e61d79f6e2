"""Whether an adapter was made for a base model, seen from its files."""

from __future__ import annotations

import json
import struct
from pathlib import Path

from flowloft.core.errors import InputError
from flowloft.core.framework import LocalModel


def check_adapter(folder: Path, base: LocalModel) -> None:
    """Refuses an adapter whose matrices do not fit the base: another width, or more layers.

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
        parts = name.split(".")
        layer = next((int(part) for part in parts if part.isdigit()), 0)
        wide = name.endswith("q_proj.lora_A.weight") and shape[-1] != facts.hidden
        if wide or layer >= facts.layers:
            made_for = f"width {shape[-1]}" if wide else f"{layer + 1} layers or more"
            raise _refused(
                "adapter_of_another_base",
                f"The adapter was made for another base model: it has {made_for}, "
                f"“{base.name}” has width {facts.hidden} and {facts.layers} layers.",
            )


def _refused(code: str, message: str) -> InputError:
    return InputError(
        message,
        code=code,
        hint="Give the folder of an adapter that was trained on this service's base model.",
        extra={"path": "/path"},
    )
