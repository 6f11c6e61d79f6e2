"""Two runs side by side: what was different, and what came of it."""

from __future__ import annotations

from typing import Any

from flowloft.core.fold import RunState, StepState
from flowloft.core.spec import FlowSpec

from backend.runs.facts import nodes_of
from backend.runs.log import state_read
from backend.runs.models import Run


def runs_compare(*, left: Run, right: Run) -> dict[str, Any]:
    """Returns what differs, each as ``{"name", "left", "right"}``; what is equal is left out.

    ``conditions`` says what could explain another result, ``results`` what was other: a run is
    reproduced when the first is empty, and the second shows what chance did.
    """
    states = state_read(run_id=left.id), state_read(run_id=right.id)
    conditions = [
        *_differ(
            "",
            {"graph": left.graph_sha256, "seed": left.seed},
            {"graph": right.graph_sha256, "seed": right.seed},
        ),
        *_differ("", _facts(left), _facts(right)),
    ]
    return {
        "conditions": conditions,
        "inputs": _differ("", left.detail.inputs, right.detail.inputs),
        "settings": _differ("", _settings(left), _settings(right)),
        "outputs": _differ("", left.outputs or {}, right.outputs or {}),
        "steps": _steps(*states),
        "measures": _differ("", _measures(states[0]), _measures(states[1])),
    }


def _differ(prefix: str, left: dict[str, Any], right: dict[str, Any]) -> list[dict[str, Any]]:
    names = [*left, *(name for name in right if name not in left)]
    return [
        {"name": f"{prefix}{name}", "left": left.get(name), "right": right.get(name)}
        for name in names
        if name not in left or name not in right or left[name] != right[name]
    ]


def _facts(run: Run) -> dict[str, Any]:
    facts = run.detail.facts or {}
    found = {"flowloft": facts.get("flowloft"), "version": run.version}
    for family in ("kinds", "models"):
        found |= {f"{family}/{name}": value for name, value in facts.get(family, {}).items()}
    return found


def _settings(run: Run) -> dict[str, Any]:
    """Returns every setting by ``node/setting``, what a node is, and how the nodes are joined."""
    spec = FlowSpec.model_validate(run.snapshot.document)
    found: dict[str, Any] = {}
    for node_id, node in nodes_of(spec.graph):
        found[f"{node_id}/kind"] = node.kind
        found[f"{node_id}/policy"] = node.policy.model_dump(mode="json")
        found[f"{node_id}/disabled"] = node.disabled
        found |= {f"{node_id}/{name}": value for name, value in node.settings.items()}
        edges = node.body.edges if node.body is not None else {}
        found |= {f"{node_id}/edges/{name}": edge.model_dump() for name, edge in edges.items()}
    return found | {f"edges/{name}": edge.model_dump() for name, edge in spec.graph.edges.items()}


def _steps(left: RunState, right: RunState) -> list[dict[str, Any]]:
    keys = [*left.steps, *(key for key in right.steps if key not in left.steps)]
    rows = [
        {"step": key, "left": _step(left.steps.get(key)), "right": _step(right.steps.get(key))}
        for key in keys
    ]
    return [row for row in rows if row["left"] != row["right"]][:1_000]


def _step(step: StepState | None) -> dict[str, Any] | None:
    if step is None:
        return None
    names = {"state", "duration", "cached", "usage", "outputs"}
    return step.model_dump(mode="json", include=names)


def _measures(state: RunState) -> dict[str, Any]:
    """Returns seconds, and the sum of what the steps used: tokens, and cost where it is known."""
    used: dict[str, float] = {}
    for step in state.steps.values():
        for name, count in step.usage.items():
            used[name] = used.get(name, 0) + count
    seconds = None
    if state.started_at is not None and state.finished_at is not None:
        seconds = round(state.finished_at - state.started_at, 3)
    return {"status": state.status, "seconds": seconds, "steps": len(state.steps), **used}
