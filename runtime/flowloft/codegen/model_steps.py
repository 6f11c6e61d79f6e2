"""Models of a Python flow as nodes."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from flowloft.codegen.names import Names

_OPTIONS = ("temperature", "max_tokens", "stop", "frequency_penalty")
_CLASSES = frozenset({"OnlineChatModule", "TrainableModule"})
_QUIET = frozenset({"stream", "name", "timeout"})
"""Arguments that mean nothing on the canvas."""


@dataclass
class ModelStep:
    """A model as it is written.

    Attributes:
        settings: Of the node, but for the system message.
        system: The system message; may hold placeholders.
        user: The text around the input; empty for none.
        lost: What the canvas has no place for.
    """

    settings: dict[str, Any] = field(default_factory=dict)
    system: str = ""
    user: str = ""
    lost: list[str] = field(default_factory=list)


def model_step(names: Names, node: ast.expr) -> ModelStep | None:
    """Reads ``OnlineChatModule(...).prompt(...)``; None where it is something else."""
    calls: list[tuple[str, ast.Call]] = []
    while isinstance(node, ast.Call) and names.flow_word(node.func) not in _CLASSES:
        if not isinstance(node.func, ast.Attribute):
            return None
        calls.append((node.func.attr, node))
        node = node.func.value
    if not isinstance(node, ast.Call):
        return None
    step = ModelStep()
    _read_model(names, node, step)
    for called, call in reversed(calls):
        if called == "prompt":
            _read_prompt(call, step)
        elif called not in ("start", "update", "update_server"):
            step.lost.append(f"The call of {called}")
    return step


def _read_model(names: Names, node: ast.Call, step: ModelStep) -> None:
    given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    if node.args:
        given.setdefault("model", node.args[0])
    known = {name: _plain(value) for name, value in given.items()}
    model, provider = known.get("model"), known.get("provider", known.get("source"))
    if isinstance(model, str):
        step.settings["model"] = f"{provider}/{model}" if isinstance(provider, str) else model
    if names.flow_word(node.func) == "TrainableModule":
        step.lost.append("Where TrainableModule finds its weights")
    for name, value in known.items():
        if name in _OPTIONS and value is not None:
            step.settings[name] = value
        elif name not in ("model", "provider", "source", *_QUIET):
            step.lost.append(f"The argument {name}")


def _read_prompt(call: ast.Call, step: ModelStep) -> None:
    given = {keyword.arg: _plain(keyword.value) for keyword in call.keywords if keyword.arg}
    system = _plain(call.args[0]) if call.args else given.get("system", "")
    user = given.get("user", "")
    if isinstance(system, str) and isinstance(user, str):
        step.system, step.user = system, user
    else:
        step.lost.append("The prompt, which is computed,")


def _plain(node: ast.expr) -> Any:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None
