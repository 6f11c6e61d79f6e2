"""From nodes and edges to steps: where each value lies, and who waits for whom."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from flowloft.core.cache import result_key
from flowloft.core.errors import InputError
from flowloft.core.node import Node, Signature
from flowloft.core.plan import UNTAKEN, Graph, Step
from flowloft.core.spec import NodeSpec
from flowloft.core.types import PortType, connects, conversion
from flowloft.engine.compile.checks import Needs, are_exclusive
from flowloft.engine.compile.placed import Placed
from flowloft.engine.compile.wiring import Source, Wiring
from flowloft.engine.graph import Reading, finish, gathering

Slots = dict[Source, int]


def link(placed: dict[str, Placed], wiring: Wiring, order: list[str], needs: Needs) -> Graph:
    """Returns the graph, ready to run."""
    slots: Slots = {}
    for node_id in order:
        for port in placed[node_id].outputs:
            slots[Source(node_id, port)] = len(slots) + 1
    count = len(slots) + 1
    live: dict[str, int] = {}
    for node_id in order:
        for port, sources in wiring[node_id].items():
            for source in sources:
                if _is_live(source, port, placed[node_id], placed) and source.node_id not in live:
                    live[source.node_id] = count
                    count += 1
    index = {node_id: position for position, node_id in enumerate(order)}
    steps = [step_of(placed[node_id], wiring[node_id], slots, live, placed) for node_id in order]
    _connect(steps, wiring, index, placed)
    return finish(steps, count, lambda one, other: are_exclusive(needs[order[one]], needs[order[other]]))


def _is_live(source: Source, port: str, reader: Placed, placed: dict[str, Placed]) -> bool:
    return placed[source.node_id].outputs[source.port].streams and reader.inputs[port].streams


def step_of(
    placed: Placed,
    ports: dict[str, list[Source]],
    slots: Slots,
    live: dict[str, int],
    others: dict[str, Placed],
) -> Step:
    """Returns a node as a step that is not connected yet."""
    node, signature = placed.node, placed.signature
    if node is None or signature is None:
        raise AssertionError("a graph with errors is not linked")
    policy = placed.spec.policy
    reads_live = any(
        _is_live(source, port, placed, others) for port, sources in ports.items() for source in sources
    )
    streaming = signature.shape == "single" and signature.outputs[0].streams
    readings = _readings(placed, ports, slots, live, others)
    effect = node.effect()
    step = Step(
        node_id=placed.node_id,
        kind=placed.spec.kind,
        call=_with_wired(node, placed.spec, signature),
        gather=gathering(readings),
        shape="graph" if node.role == "output" else signature.shape,
        ports=tuple(placed.outputs),
        slots=tuple(slots[Source(placed.node_id, port)] for port in placed.outputs),
        live_slot=live.get(placed.node_id),
        quick=node.quick
        and not (reads_live or streaming or signature.takes_body)
        and policy.timeout is None
        and policy.retry.attempts == 1,
        streaming=streaming,
        stream_ports=tuple(name for name, port in placed.inputs.items() if port.streams and name in ports),
        context_as=signature.takes_context,
        body_as=signature.takes_body,
        body=placed.body,
        effect=effect,
        on_error=policy.on_error,
        default=policy.default,
        attempts=1 if effect == "once" else policy.retry.attempts,
        delay=policy.retry.delay,
        timeout=policy.timeout,
    )
    step.lead = None if placed.spec.wired else _lead(readings, signature)
    if _is_reusable(placed, step):
        step.identity = functools.partial(_identity, placed.spec.kind, node)
        step.depends = node.depends
    return step


def _is_reusable(placed: Placed, step: Step) -> bool:
    """Says whether a result may be used again. Of containers it may not: the steps inside are looked
    up each by itself, so that their rounds can be seen. Of quick steps it is not worth it."""
    node = placed.node
    if node is None or node.role != "node" or node.quick or placed.body is not None:
        return False
    if placed.spec.policy.cache == "never" or step.effect == "once" or node.cacheable is False:
        return False
    return step.effect == "none" or node.cacheable is True


def _identity(kind: str, node: Node) -> str | None:
    """Returns what a node does, whatever its id: kind, version, code and settings."""
    code = type(node).code_mark()
    settings = node.model_dump_json()
    return None if code is None else result_key(kind, str(type(node).version), code, settings)


def _readings(
    placed: Placed,
    ports: dict[str, list[Source]],
    slots: Slots,
    live: dict[str, int],
    others: dict[str, Placed],
) -> list[Reading]:
    readings = []
    for name, sources in ports.items():
        port = placed.inputs[name]
        entries: list[tuple[int, Callable[[Any], Any] | None]] = []
        for source in sources:
            if _is_live(source, name, placed, others):
                entries.append((live[source.node_id], None))
            else:
                given = others[source.node_id].outputs[source.port].type
                entries.append((slots[source], _conversion(given, port.type)))
        readings.append(Reading(name, tuple(entries or [(UNTAKEN, None)]), port.required, port.multiple))
    return readings


def _conversion(given: PortType, wanted: PortType) -> Callable[[Any], Any] | None:
    return conversion(given, wanted) if connects(given, wanted) else None


def _with_wired(node: Node, spec: NodeSpec, signature: Signature) -> Callable[..., Any]:
    """Returns what takes the values of wired settings besides, and runs the node with these."""
    if not spec.wired:
        return _call(node, signature)
    kind = type(node)

    def call(**ports: Any) -> Any:
        given = {name: ports.pop(name) for name in spec.wired if name in ports}
        try:
            made = kind.model_validate({**spec.settings, **given})
        except ValidationError as error:
            detail = error.errors(include_url=False)[0]
            name = str(detail["loc"][0]) if detail["loc"] else ""
            raise InputError(
                f"The value that came for “{name}” does not fit: {detail['msg']}.",
                code="invalid_setting",
                hint="Look at what the node before gives, or write the setting yourself.",
            ) from error
        return _call(made, signature)(**ports)

    return call


def _call(node: Node, signature: Signature) -> Callable[..., Any]:
    """Returns ``run`` such that all ports are keywords, the gathering one a list."""
    gathers = signature.gathers
    if gathers is None:
        return node.run
    parameters = list(inspect.signature(node.run).parameters.values())
    names = [parameter.name for parameter in parameters]
    before = parameters[: names.index(gathers)]

    def call(**ports: Any) -> Any:
        items = ports.pop(gathers, [])
        leading = [ports.pop(parameter.name, parameter.default) for parameter in before]
        return node.run(*leading, *items, **ports)

    return call


def _lead(readings: list[Reading], signature: Signature) -> tuple[str, int] | None:
    """Returns port and slot where a step reads one value, by the first parameter of ``run``."""
    if len(readings) != 1 or not readings[0].simple() or not signature.inputs:
        return None
    port = readings[0].port
    return (port, readings[0].entries[0][0]) if signature.inputs[0].name == port else None


def _connect(steps: list[Step], wiring: Wiring, index: dict[str, int], placed: dict[str, Placed]) -> None:
    """Notes who waits for whom, and who only for the first chunk."""
    for step in steps:
        feeders: dict[str, bool] = {}
        for port, sources in wiring[step.node_id].items():
            for source in sources:
                is_live = _is_live(source, port, placed[step.node_id], placed)
                feeders[source.node_id] = feeders.get(source.node_id, True) and is_live
        step.waits_for = len(feeders)
        for feeder, is_live in feeders.items():
            source_step = steps[index[feeder]]
            if is_live:
                source_step.then_live += (index[step.node_id],)
            else:
                source_step.then += (index[step.node_id],)
