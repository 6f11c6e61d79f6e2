"""From what a step returns to the values of its ports, and to where they are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flowloft.core.stream import LiveText
from flowloft.core.types import SKIPPED, as_text

if TYPE_CHECKING:
    from flowloft.core.plan import Step
    from flowloft.engine.run.frame import Frame


def keep(frame: Frame, step: Step, outputs: dict[str, Any]) -> None:
    """Puts the outputs of a step where those that wait for it look."""
    values = frame.values
    for port, slot in zip(step.ports, step.slots, strict=True):
        values[slot] = outputs.get(port, SKIPPED)
    if step.shape == "graph":
        frame.outputs.update(outputs)
    if step.live_slot is not None and values[step.live_slot] is SKIPPED:
        value = outputs.get(step.ports[0], SKIPPED)
        values[step.live_slot] = value if value is SKIPPED else LiveText.of(as_text(value))


def default_outputs(step: Step) -> dict[str, Any]:
    """Returns a policy's default as outputs: for several ports it may be a dict of them."""
    default = step.default
    if isinstance(default, dict):
        by_port = len(step.ports) > 1 and set(default) <= set(step.ports)
        if step.shape == "graph" or by_port:
            return dict(default)
    return {step.ports[0]: default} if step.ports else {}


_SHAPED: dict[str, Callable[[Step, Any], dict[str, Any]]] = {
    "none": lambda step, result: {},
    "single": lambda step, result: {step.ports[0]: result},
    "fields": lambda step, result: dict(zip(step.ports, result, strict=False)),
    "ports": lambda step, result: result,
    "graph": lambda step, result: result,
}


def by_port(step: Step, result: Any) -> dict[str, Any]:
    """Returns what a step returned as values of its ports; those not taken are left out."""
    outputs = _SHAPED[step.shape](step, result)
    for value in outputs.values():
        if value is SKIPPED:
            return {port: value for port, value in outputs.items() if value is not SKIPPED}
    return outputs
