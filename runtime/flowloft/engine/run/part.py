"""Parts of a plan: one step, all up to a step, or all from a step on."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flowloft.core.errors import InputError
from flowloft.core.memory import Memory
from flowloft.core.plan import Graph, Plan, Step

if TYPE_CHECKING:
    from flowloft.core.context import Context
    from flowloft.core.plan import Values

_PLACE = re.compile(r"([^/\[\]]+)(?:\[(\d+)\])?")


def narrowed(
    plan: Plan,
    inputs: dict[str, Any],
    context: Context,
    node_id: str | None,
    last: str | None,
    start: str | None,
) -> tuple[Plan, dict[str, Any], Context]:
    """Returns what to run, with which inputs and memory; see ``run_plan``."""
    memory = context.memory or Memory()
    if start is not None:
        still = kept(plan, memory.given, start)
        fresh = memory.fresh | {_places(start)[-1][0]}  # type: ignore[index]  # `kept` has read it
        memory = replace(memory, given={key: memory.given[key] for key in still}, fresh=fresh)
    if last is not None:
        plan = until(plan, last)
    if node_id is not None:
        plan = only(plan, node_id)
        # It is run whatever it gave before: with its own inputs it needs nothing of an earlier run.
        memory = replace(
            memory,
            given={},
            inputs={**memory.inputs, node_id: inputs},
            pinned={key: value for key, value in memory.pinned.items() if key != node_id},
            fresh=memory.fresh | {node_id},
        )
    narrow = copy.copy(context)
    narrow.memory = memory
    return plan, inputs, narrow


def node_ids(plan: Plan) -> set[str]:
    """Returns the ids of all nodes that run, those in bodies among them."""
    return {step.node_id for graph in _graphs(plan.graph) for step in graph.steps}


def quick_ids(plan: Plan) -> frozenset[str]:
    """Returns the ids of the nodes whose steps take microseconds."""
    return frozenset(step.node_id for graph in _graphs(plan.graph) for step in graph.steps if step.quick)


def only(plan: Plan, node_id: str) -> Plan:
    """Returns a plan of one step, wherever it stands; it is to be given its inputs (``Memory.inputs``).

    Raises:
        InputError: ``unknown_node``.
    """
    step = next(
        (step for graph in _graphs(plan.graph) for step in graph.steps if step.node_id == node_id), None
    )
    if step is None:
        raise _unknown(node_id)
    alone = replace(step, gather=_nothing, lead=None, waits_for=0, then=(), then_live=(), live_slot=None)
    slots = {slot: position for position, slot in enumerate(step.slots, start=1)}
    alone.slots = tuple(slots.values())
    results = tuple((port, (slot,)) for port, slot in zip(step.ports, alone.slots, strict=True))
    shown = () if step.shape == "graph" else results
    return Plan(_graph(Graph(slots=len(slots) + 1, results=shown), [alone]), plan.kinds)


def until(plan: Plan, node_id: str) -> Plan:
    """Returns a plan of a step and all that it needs. A step inside a container means the container.

    Raises:
        InputError: ``unknown_node``.
    """
    graph = plan.graph
    target = _outermost(graph, node_id)
    wanted = {target}
    for index in range(target, -1, -1):
        if wanted.intersection(graph.steps[index].then + graph.steps[index].then_live):
            wanted.add(index)
    numbers = {index: position for position, index in enumerate(sorted(wanted))}
    steps = [
        replace(
            graph.steps[index],
            then=_renumbered(graph.steps[index].then, numbers),
            then_live=_renumbered(graph.steps[index].then_live, numbers),
        )
        for index in numbers
    ]
    shown = steps[numbers[target]]
    if shown.shape != "graph":
        results = tuple((port, (slot,)) for port, slot in zip(shown.ports, shown.slots, strict=True))
        graph = replace(graph, results=results)
    return Plan(_graph(graph, steps), plan.kinds)


def kept(plan: Plan, done: Mapping[str, Any] | Iterable[str], key: str) -> set[str]:
    """Returns which finished steps still hold when a step is run again: all but those after it.

    Args:
        done: Keys of the steps that have finished.
        key: The step to begin with, ``ask`` or ``loop_1[3]/ask``. Within a container, its earlier
            rounds hold and its later ones do not, because they may build on this one.

    Raises:
        InputError: ``unknown_node``.
    """
    target = _places(key)
    if target is None:
        raise _unknown(key)
    graph: Graph | None = plan.graph
    after: list[set[str]] = []
    for node_id, _ in target:
        if graph is None or all(step.node_id != node_id for step in graph.steps):
            raise _unknown(key)
        after.append(_after(graph, node_id))
        graph = next(step.body for step in graph.steps if step.node_id == node_id)
    return {one for one in done if _holds(_places(one) or [], target, after)}


def _holds(
    places: list[tuple[str, int | None]], target: list[tuple[str, int | None]], after: list[set[str]]
) -> bool:
    for (node_id, turn), (wanted, wanted_turn), behind in zip(places, target, after, strict=False):
        if node_id != wanted:
            return node_id not in behind
        if turn is None or wanted_turn is None:
            return False
        if turn != wanted_turn:
            return turn < wanted_turn
    return False


def _places(key: str) -> list[tuple[str, int | None]] | None:
    found = []
    for part in key.split("/"):
        match = _PLACE.fullmatch(part)
        if match is None:
            return None
        found.append((match[1], None if match[2] is None else int(match[2])))
    return found


def _after(graph: Graph, node_id: str) -> set[str]:
    """Returns the ids of a step and of all that wait for it, however indirectly."""
    reached: set[int] = set()
    for index, step in enumerate(graph.steps):
        if step.node_id == node_id or index in reached:
            reached.update((index, *step.then, *step.then_live))
    return {graph.steps[index].node_id for index in reached}


def _outermost(graph: Graph, node_id: str) -> int:
    for index, step in enumerate(graph.steps):
        inside = _graphs(step.body) if step.body is not None else []
        if step.node_id == node_id or any(one.node_id == node_id for body in inside for one in body.steps):
            return index
    raise _unknown(node_id)


def _graphs(graph: Graph) -> list[Graph]:
    found = [graph]
    for inner in found:
        found.extend(step.body for step in inner.steps if step.body is not None)
    return found


def _graph(graph: Graph, steps: list[Step]) -> Graph:
    return replace(
        graph,
        steps=tuple(steps),
        rows=tuple(step.row() for step in steps),
        roots=tuple(index for index, step in enumerate(steps) if not step.waits_for),
        quick=all(step.quick for step in steps),
    )


def _renumbered(indices: tuple[int, ...], numbers: dict[int, int]) -> tuple[int, ...]:
    return tuple(numbers[index] for index in indices if index in numbers)


def _nothing(values: Values) -> dict[str, Any] | None:
    return {}


def _unknown(node_id: str) -> InputError:
    return InputError(
        f"The flow has no step “{node_id}”.",
        code="unknown_node",
        hint="Name a node of the flow that is not disabled, by its id.",
    )
