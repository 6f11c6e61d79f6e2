"""Models of a Python flow as nodes."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from flowloft.codegen.names import Names

_OPTIONS = {
    "chat_model": ("temperature", "max_tokens", "stop", "frequency_penalty"),
    "trainable_module": ("temperature", "max_tokens"),
}
_KINDS = {"OnlineChatModule": "chat_model", "TrainableModule": "trainable_module"}
_QUIET = frozenset({"stream", "name", "timeout"})
"""Arguments that mean nothing on the canvas."""
_LIFE = frozenset({"start", "stop", "update", "update_server", "eval", "evalset"})
"""Calls that change nothing of what it is."""


@dataclass
class ModelStep:
    """A model as it is written.

    Attributes:
        kind: Of the node.
        settings: Of the node, but for the system message.
        system: The system message; may hold placeholders.
        user: The text around the input; empty for none.
        lost: What the canvas has no place for.
    """

    kind: str
    settings: dict[str, Any] = field(default_factory=dict)
    system: str = ""
    user: str = ""
    lost: list[str] = field(default_factory=list)


def model_step(names: Names, node: ast.expr) -> ModelStep | None:
    """Reads ``OnlineChatModule(...).prompt(...)``, or a TrainableModule; None where it is something else."""
    calls: list[tuple[str, ast.Call]] = []
    while isinstance(node, ast.Call) and names.flow_word(node.func) not in _KINDS:
        if not isinstance(node.func, ast.Attribute):
            return None
        calls.append((node.func.attr, node))
        node = node.func.value
    if not isinstance(node, ast.Call):
        return None
    step = ModelStep(_KINDS[names.flow_word(node.func)])
    _read_model(node, step)
    for called, call in reversed(calls):
        if called == "prompt":
            _read_prompt(call, step)
        elif called in _RECIPE and step.kind == "trainable_module":
            _read_recipe(called, call, step)
        elif called not in _LIFE:
            step.lost.append(f"The call of {called}")
    return step


def _read_model(node: ast.Call, step: ModelStep) -> None:
    trains = step.kind == "trainable_module"
    given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    if node.args:
        given.setdefault("base_model" if trains else "model", node.args[0])
    known = {name: _plain(value) for name, value in given.items()}
    model, provider = known.pop("model", None), known.pop("provider", known.pop("source", None))
    if isinstance(model, str):
        step.settings["model"] = f"{provider}/{model}" if isinstance(provider, str) else model
    if trains and isinstance(known.get("base_model"), str):
        step.settings["base_model"] = known.pop("base_model")
    for name, value in known.items():
        if name in _OPTIONS[step.kind] and value is not None:
            step.settings[name] = value
        elif name not in _QUIET:
            step.lost.append(f"The argument {name}")


_RECIPE = {"trainset": "trainset", "finetune_method": "trainer", "deploy_method": "deploy"}
"""Calls whose first argument is a setting."""


def _read_recipe(called: str, call: ast.Call, step: ModelStep) -> None:
    for number, argument in enumerate(call.args):
        # LazyLLM names a framework by an attribute: ``deploy.vllm``.
        value = argument.attr if isinstance(argument, ast.Attribute) else _plain(argument)
        if number == 0 and isinstance(value, str):
            step.settings[_RECIPE[called]] = value
        else:
            step.lost.append(f"What {called} is given")
    for keyword in call.keywords:
        value = _plain(keyword.value)
        if called == "finetune_method" and keyword.arg in ("method", "epochs") and value is not None:
            step.settings[keyword.arg] = value
        else:
            step.lost.append(f"The argument {keyword.arg} of {called}")


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


@dataclass
class PlainStep:
    """A module that is a node without more: what it is called with goes into one port.

    Attributes:
        lost: What the canvas has no place for.
    """

    kind: str
    port: str
    settings: dict[str, Any]
    lost: list[str]


_PLAIN = {
    "UrlModule": ("url_module", "value", ("url", "timeout", "max_bytes")),
    "OnlineEmbeddingModule": ("embedding", "text", ("model",)),
}


def plain_step(names: Names, node: ast.expr) -> PlainStep | None:
    """Reads ``UrlModule(...)`` and ``OnlineEmbeddingModule(...)``; None where it is something else, or does
    more than the node."""
    word = names.flow_word(node.func) if isinstance(node, ast.Call) else ""
    if word not in _PLAIN or not isinstance(node, ast.Call):
        return None
    kind, port, taken = _PLAIN[word]
    given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    if node.args:
        given.setdefault(taken[0], node.args[0])
    if given.keys() & {"encode", "decode"}:
        return None
    known = {name: _plain(value) for name, value in given.items()}
    provider = known.pop("provider", None)
    if isinstance(provider, str) and isinstance(known.get("model"), str):
        known["model"] = f"{provider}/{known['model']}"
    settings = {name: value for name, value in known.items() if name in taken and value is not None}
    lost = [f"The argument {name}" for name in known if name not in settings and name not in _QUIET]
    return PlainStep(kind, port, settings, lost)
