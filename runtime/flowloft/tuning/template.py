"""How a model's chat template writes examples: what a person looks at before training."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from flowloft.tuning.data import Example

LARGEST = 1 << 20
"""Bytes of a template."""


def written(base: str | Path, example: Example) -> str | None:
    """Returns an example as the model will read it, or None where the model has no chat template.

    Templates come with the weights of strangers, so they run in Jinja's sandbox. Of a pair it is the
    better answer.
    """
    made = _template(Path(base))
    if made is None:
        return None
    template, names = made
    messages = example.get("messages") or [*example["prompt"], *example["chosen"]]
    try:
        return str(template.render(messages=messages, add_generation_prompt=False, **names))
    except Exception as error:  # noqa: BLE001 - a stranger's template may raise what it likes
        return f"The chat template refuses this example: {error}"


@cache
def _template(base: Path) -> tuple[Any, dict[str, str]] | None:
    config = _json(base / "tokenizer_config.json")
    source = config.get("chat_template")
    file = base / "chat_template.jinja"
    if file.is_file() and file.stat().st_size <= LARGEST:
        source = file.read_text("utf-8")
    if isinstance(source, list):
        source = next((one["template"] for one in source if one.get("name") == "default"), None)
    if not isinstance(source, str):
        return None
    from jinja2 import TemplateSyntaxError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    sandbox = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    sandbox.globals["raise_exception"] = _refuse
    marks = {name: config.get(name) for name in ("bos_token", "eos_token")}
    names = {
        name: str(mark.get("content", "") if isinstance(mark, dict) else mark or "")
        for name, mark in marks.items()
    }
    try:
        return sandbox.from_string(source), names
    except TemplateSyntaxError:
        return None


def _refuse(message: str) -> None:
    raise ValueError(message)


def _json(file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError):
        return {}
