"""The edges of one graph: checked, led around disabled nodes, and put in order."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flowloft.core.spec import EdgeSpec, GraphSpec
from flowloft.core.types import connects
from flowloft.engine.compile.placed import Placed
from flowloft.engine.compile.scope import Scope


@dataclass(frozen=True, slots=True)
class Source:
    """An output port that an input port reads."""

    node_id: str
    port: str


Wiring = dict[str, dict[str, list[Source]]]
"""For each node that runs, for each of its connected input ports, what it reads, in order. An
empty list: connected, but only to what never gives a value."""


def wire(spec: GraphSpec, placed: dict[str, Placed], scope: Scope, path: str) -> Wiring:
    """Checks the edges and returns what each input reads."""
    drawn: Wiring = {}
    for edge_id in sorted(spec.edges, key=by_number):
        edge = spec.edges[edge_id]
        if edge.target in placed and edge.target_port in placed[edge.target].inputs:
            # Connected, even if the edge turns out to be wrong: one remark about it is enough.
            drawn.setdefault(edge.target, {}).setdefault(edge.target_port, [])
        if _stands(edge, placed, scope, f"{path}/edges/{edge_id}"):
            drawn[edge.target][edge.target_port].append(Source(edge.source, edge.source_port))
    for sources in (sources for ports in drawn.values() for sources in ports.values()):
        sources[:] = dict.fromkeys(sources)
    return {
        node_id: {
            port: [real for source in sources for real in _real(source, drawn, placed, frozenset())]
            for port, sources in drawn.get(node_id, {}).items()
        }
        for node_id, node in placed.items()
        if runs(node)
    }


def runs(node: Placed) -> bool:
    """Says whether a node takes part in a run."""
    return not node.spec.disabled and (node.node is None or node.node.role != "note")


def by_number(edge_id: str) -> list[tuple[int, int | str]]:
    """Sort key of edge ids, ``e2`` before ``e10``: a database may hand back the edges in any order,
    and a join must not depend on that."""
    return [(0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"(\d+)", edge_id) if part]


def _stands(edge: EdgeSpec, placed: dict[str, Placed], scope: Scope, path: str) -> bool:
    """Checks one edge; says whether it can be used."""
    for end, node_id in (("source", edge.source), ("target", edge.target)):
        if node_id in placed:
            continue
        elsewhere = node_id in scope.homes
        scope.tell(
            "edge_across_graphs" if elsewhere else "unknown_node",
            f"An edge ends at “{node_id}”, which stands in another loop or warp."
            if elsewhere
            else f"An edge ends at “{node_id}”, which does not exist.",
            "Lead the value through the container's own inputs and outputs."
            if elsewhere
            else "Delete the edge.",
            node_id=edge.target if edge.target in placed else None,
            path=f"{path}/{end}",
        )
        return False
    source, target = placed[edge.source], placed[edge.target]
    if source.node is None or target.node is None:
        return False
    for end, node, ports, name in (
        ("source_port", source, source.outputs, edge.source_port),
        ("target_port", target, target.inputs, edge.target_port),
    ):
        if name not in ports:
            scope.tell(
                "unknown_port",
                f"“{node.node_id}” has no {'output' if end == 'source_port' else 'input'} called “{name}”.",
                f"There are: {', '.join(ports)}." if ports else "It has none.",
                level="warning" if target.spec.disabled or source.spec.disabled else "error",
                node_id=node.node_id,
                path=f"{path}/{end}",
            )
            return False
    out, into = source.outputs[edge.source_port], target.inputs[edge.target_port]
    if not connects(out.type, into.type):
        scope.tell(
            "type_mismatch",
            f"“{edge.source}” gives {out.type} and “{edge.target}” takes {into.type} at “{into.name}”.",
            "Connect ports whose types fit, or put a node between that turns one into the other.",
            node_id=edge.target,
            path=path,
        )
        return False
    return True


def _real(source: Source, drawn: Wiring, placed: dict[str, Placed], seen: frozenset[str]) -> list[Source]:
    """Leads around disabled nodes: their outputs give what their first fitting input gets."""
    node = placed[source.node_id]
    if runs(node):
        return [source]
    if source.node_id in seen:
        return []
    wanted = node.outputs[source.port].type
    for name, port in node.inputs.items():
        sources = drawn.get(source.node_id, {}).get(name)
        if sources and connects(port.type, wanted):
            through = (_real(one, drawn, placed, seen | {source.node_id}) for one in sources)
            return [real for found in through for real in found]
    return []
