"""Which part of a flow a run is to do, and what stands in for the rest."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from flowloft.core.errors import FlowloftError, InputError
from flowloft.core.memory import Memory
from flowloft.core.plan import Plan
from flowloft.engine.compile import flow_ref
from flowloft.engine.run.part import kept, node_ids

from backend.common.errors import ApiError
from backend.common.objects import object_for
from backend.flows.models import Flow
from backend.runs.journal import outputs_of
from backend.runs.models import Run, RunDetail, RunEvent
from backend.runs.states import TERMINAL, Status

USABLE = {*TERMINAL, Status.WAITING}
"""States of an earlier run whose results may be taken over."""


@dataclass(frozen=True)
class Part:
    """What a run does of its flow. Saved as it is, so that every attempt does the same.

    Attributes:
        only, until, start: As for ``run_plan``.
        inputs: Of the one node that runs.
        edits: ``{"step": key, "outputs": {...}}`` or ``{"step": key, "inputs": {...}}``.
        breakpoints: Nodes before which it pauses.
        pins: Whether pinned outputs of the document are used.
        reuse: Whether results of other runs are used.
        builds: Whether an earlier run's results are taken over.
    """

    only: str = ""
    until: str = ""
    start: str = ""
    inputs: dict[str, Any] | None = None
    edits: tuple[dict[str, Any], ...] = ()
    breakpoints: tuple[str, ...] = ()
    pins: bool = False
    reuse: bool = False
    builds: bool = False


def parent_of(*, owner: Any, flow: Flow, from_run: uuid.UUID | None) -> Run | None:
    """Returns the run whose results are to be taken over.

    Raises:
        ApiError: 404 for somebody else's or another flow's; 409 while it is under way.
    """
    if from_run is None:
        return None
    parent = object_for(owner, Run, from_run, Run.objects.filter(flow=flow))
    if parent.status not in USABLE:
        raise ApiError(
            409,
            "run_not_over",
            "The run whose results are to be used is still under way.",
            "Wait for its end, or stop it.",
            path="/from_run",
        )
    return parent


def part_check(*, plan: Plan, part: Part, parent: Run | None) -> Part:
    """Returns the part with what it lacks: the inputs that a node had in the earlier run.

    Raises:
        InputError: With the path of what does not fit.
    """
    known = node_ids(plan)
    part = replace(part, builds=parent is not None)
    for path, name in [
        ("/scope/only", part.only),
        ("/scope/until", part.until),
        *[(f"/breakpoints/{index}", name) for index, name in enumerate(part.breakpoints)],
    ]:
        if name and name not in known:
            raise _refused(path, f"The flow has no node “{name}” that runs.", "unknown_node")
    steps = [("/scope/start", part.start)] if part.start else []
    steps += [(f"/edits/{index}/step", edit["step"]) for index, edit in enumerate(part.edits)]
    for path, key in steps:
        if parent is None:
            raise _refused(
                path, "This needs an earlier run to take results from.", "no_earlier_run", "/from_run"
            )
        try:
            kept(plan, (), key)
        except InputError as error:
            error.extra["path"] = path
            raise
    if part.only and part.inputs is None:
        inputs = _inputs_of(part.only, parent)
        # Inputs that were too large to be kept are what the steps before it gave, which is kept.
        changes = {"only": "", "until": part.only} if inputs is None else {"inputs": inputs}
        return replace(part, **changes)
    return part


def memory_of(*, run: Run, plan: Plan, part: Part, pins: dict[str, Any], answers: dict[str, Any]) -> Memory:
    """Returns what is known of a run's steps before they run.

    Raises:
        FlowloftError: ``earlier_run_gone``.
    """
    edited = {edit["step"]: edit["outputs"] for edit in part.edits if edit.get("outputs") is not None}
    inputs = {edit["step"]: edit["inputs"] for edit in part.edits if edit.get("inputs") is not None}
    given: dict[str, Any] = {}
    begun: list[str] = []
    if run.parent_id is not None:
        given = _given(run.parent_id, plan, run.snapshot.document)
        begun = [name for name in (part.start, part.until, *inputs) if name]
        given = _without(given, plan, [*edited, *begun])
    elif part.builds and not part.only:
        raise FlowloftError(
            "The run whose results this one builds on has been removed.",
            code="earlier_run_gone",
            hint="Run the whole flow.",
        )
    return Memory(
        given=given,
        pinned=pins if part.pins else {},
        edited=edited,
        inputs=inputs,
        fresh=frozenset(key.rpartition("/")[2] for key in begun),
        stops=frozenset(part.breakpoints),
        answers=answers,
    )


def _given(run_id: uuid.UUID, plan: Plan, document: dict[str, Any]) -> dict[str, Any]:
    """Returns what the steps of an earlier run gave that still holds for a document. A run of one node
    is laid over the run that it took its inputs from."""
    run = Run.objects.select_related("snapshot", "detail").get(id=run_id)
    found = outputs_of(run_id=run_id)
    alone = part_read(run.detail).only
    if alone and run.parent_id is not None:
        found = _without(_given(run.parent_id, plan, document), plan, [alone]) | found
    before = run.snapshot.document
    flows = before.get("flows", {}), document.get("flows", {})
    changed = changed_steps(before["graph"], document["graph"], flows)
    return _without(found, plan, changed)


def _without(given: dict[str, Any], plan: Plan, keys: Iterable[str]) -> dict[str, Any]:
    """Returns the outputs that hold when some steps, as far as the plan has them, are done again."""
    for key in keys:
        try:
            still = kept(plan, given, key)
        except InputError:
            continue
        given = {done: given[done] for done in still}
    return given


Flows = tuple[dict[str, Any], dict[str, Any]]
"""The saved flows that run inside a document, then and now, by reference."""


def changed_steps(
    before: dict[str, Any], after: dict[str, Any], flows: Flows = ({}, {}), inside: str = ""
) -> list[str]:
    """Returns the steps that do something else, or read from elsewhere, than in an earlier graph: what
    they and those behind them gave then holds no more."""
    found = []
    edges = _incoming(before), _incoming(after)
    for node_id, node in after.get("nodes", {}).items():
        old = before.get("nodes", {}).get(node_id)
        if node.get("disabled"):
            continue
        ref = flow_ref(node["kind"], node.get("settings", {}))
        other = ref is not None and flows[0].get(ref) != flows[1].get(ref)
        if (
            other
            or old is None
            or _work(old) != _work(node)
            or edges[0].get(node_id) != edges[1].get(node_id)
        ):
            found.append(inside + node_id)
        elif node.get("body"):
            found += changed_steps(old.get("body") or {}, node["body"], flows, f"{inside}{node_id}/")
    return found


def _work(node: dict[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in node.items() if name not in ("title", "body", "policy")}
    return {**given, "settings": node.get("settings", {}), "disabled": bool(node.get("disabled"))}


def _incoming(graph: dict[str, Any]) -> dict[str, list[tuple[Any, ...]]]:
    """Returns by node what it reads; around a disabled node lead other ways than through it."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    nodes = graph.get("nodes", {})
    for edge in graph.get("edges", {}).values():
        off = bool(nodes.get(edge["source"], {}).get("disabled"))
        read = (edge["target_port"], edge["source"], edge["source_port"], off)
        found.setdefault(edge["target"], []).append(read)
    return {node_id: sorted(reads) for node_id, reads in found.items()}


def _inputs_of(node_id: str, parent: Run | None) -> dict[str, Any] | None:
    """Returns the inputs that a node had last in an earlier run; None where they were not kept whole."""
    while parent is not None:
        told = _told_inputs(run_id=parent.id, node_id=node_id)
        if told is not None:
            return told if _whole(told) else None
        # A run of one node is laid over the run that it took its inputs from.
        parent = parent.parent if part_read(parent.detail).only else None
    raise _refused(
        "/scope/inputs",
        "There are no inputs to run this node with.",
        "no_inputs",
        hint="Send its inputs by port, or name an earlier run in which it ran.",
    )


def _told_inputs(*, run_id: uuid.UUID, node_id: str) -> dict[str, Any] | None:
    """Returns what went into a node last, as it was told."""
    starts = RunEvent.objects.filter(run_id=run_id, type="step.started").order_by("-seq")
    mark = f'"node_id":{json.dumps(node_id)},'
    payload = starts.filter(payload__contains=mark).values_list("payload", flat=True).first()
    found: dict[str, Any] | None = None if payload is None else json.loads(payload).get("inputs", {})
    return found


def _whole(values: dict[str, Any]) -> bool:
    cut = {"$clipped", "$text", "$stream"}
    return not any(isinstance(value, dict) and cut & set(value) for value in values.values())


def part_read(detail: RunDetail) -> Part:
    """Reads what was saved."""
    saved = dict(detail.part or {})
    for name in ("edits", "breakpoints"):
        saved[name] = tuple(saved.get(name, ()))
    return Part(**saved)


def _refused(path: str, message: str, code: str, hint_path: str = "", *, hint: str = "") -> InputError:
    said = hint or (f"Send {hint_path}." if hint_path else "Name a node that is not disabled, by its id.")
    return InputError(message, code=code, hint=said, extra={"path": path})
