"""Saved flows that nodes of a document run: collected, kept in it, and compiled as their bodies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from pydantic import ValidationError

from flowloft.core.errors import InputError
from flowloft.core.node import Node, Port
from flowloft.core.registry import KINDS
from flowloft.core.spec import FlowSpec, GraphSpec, SavedFlow

MAX_FLOWS = 50
"""Saved flows that one document may run, at any depth."""


class FlowSource(Protocol):
    """Where saved flows are looked up while a document is compiled."""

    def find(self, ref: str) -> SavedFlow | None:
        """Returns the flow of ``<id>@<version>``; None where there is none that may be used."""
        ...


def freeze(spec: FlowSpec, source: FlowSource) -> FlowSpec:
    """Returns the document with every saved flow that it runs, as these are now.

    A flow that the source does not have stays as the document holds it already.
    """
    found: dict[str, SavedFlow] = {}
    waiting = list(refs(spec.graph))
    while waiting and len(found) <= MAX_FLOWS:
        ref = waiting.pop()
        if ref in found:
            continue
        saved = source.find(ref) or spec.flows.get(ref)
        if saved is not None:
            found[ref] = saved
            waiting.extend(refs(saved.graph))
    return spec if found == spec.flows else spec.model_copy(update={"flows": found})


def refs(graph: GraphSpec) -> Iterator[str]:
    """Yields the references of the saved flows that nodes of a graph run, bodies included."""
    for node in graph.nodes.values():
        if node.body is not None:
            yield from refs(node.body)
        ref = flow_ref(node.kind, node.settings)
        if ref is not None:
            yield ref


def flow_ref(kind: str, settings: Mapping[str, Any]) -> str | None:
    """Returns the saved flow that a node with these settings runs."""
    if kind not in KINDS or KINDS.get(kind).runs_flow is Node.runs_flow:
        return None
    try:
        return KINDS.get(kind).model_validate(settings).runs_flow()
    except ValidationError:
        return None


def flow_ports(graph: GraphSpec) -> tuple[list[Port], list[Port]]:
    """Returns what a flow takes and gives; each name once."""
    takes: dict[str, Port] = {}
    gives: dict[str, Port] = {}
    for _, spec in sorted(graph.nodes.items()):
        if spec.disabled or spec.kind not in KINDS:
            continue
        try:
            node = KINDS.get(spec.kind).model_validate(spec.settings)
        except ValidationError:
            continue
        for port in node.asks():
            takes.setdefault(port.name, port)
        for port in node.answers():
            gives.setdefault(port.name, port)
    return list(takes.values()), list(gives.values())


def inputs_check(inputs: Mapping[str, Any], graph: GraphSpec) -> None:
    """Checks that a flow reads every input it is given: another is mostly a name that is written wrongly.

    Raises:
        InputError: ``unknown_input``, with ``extra.path``.
    """
    takes = [port.name for port in flow_ports(graph)[0]]
    for name in inputs:
        if name not in takes:
            raise InputError(
                f"The flow has no input “{name}”.",
                code="unknown_input",
                hint=f"It takes: {', '.join(takes) or 'nothing'}.",
                extra={"path": f"/inputs/{name}"},
            )


def prefixed(graph: GraphSpec, prefix: str) -> GraphSpec:
    """Returns a graph with other node ids, so that two uses of a flow share none."""
    return GraphSpec.model_construct(
        nodes={
            prefix + node_id: node
            if node.body is None
            else node.model_copy(update={"body": prefixed(node.body, prefix)})
            for node_id, node in graph.nodes.items()
        },
        edges={
            edge_id: edge.model_copy(update={"source": prefix + edge.source, "target": prefix + edge.target})
            for edge_id, edge in graph.edges.items()
        },
    )
