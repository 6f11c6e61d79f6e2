"""Puts the nodes of a graph in an order in which each stands after all that it reads."""

from __future__ import annotations

from collections import deque

from flowloft.engine.compile.scope import Scope
from flowloft.engine.compile.wiring import Wiring


def in_order(wiring: Wiring, scope: Scope, path: str) -> list[str] | None:
    """Returns the node ids in order; None, with a finding that names the nodes, for a cycle."""
    reads = {node_id: _sources(wiring, node_id) for node_id in wiring}
    read_by: dict[str, list[str]] = {node_id: [] for node_id in wiring}
    for node_id, sources in reads.items():
        for source in sources:
            read_by[source].append(node_id)
    missing = {node_id: len(sources) for node_id, sources in reads.items()}
    ready = deque(node_id for node_id, count in missing.items() if not count)
    order: list[str] = []
    while ready:
        node_id = ready.popleft()
        order.append(node_id)
        for reader in read_by[node_id]:
            missing[reader] -= 1
            if not missing[reader]:
                ready.append(reader)
    if len(order) == len(wiring):
        return order
    cycle = _cycle({node_id for node_id, count in missing.items() if count}, reads)
    scope.tell(
        "cycle",
        f"These nodes wait for each other: {' → '.join([*cycle, cycle[0]])}.",
        "Delete one of these edges; to repeat steps, put them into a loop.",
        node_id=cycle[0],
        path=f"{path}/nodes/{cycle[0]}",
    )
    return None


def _sources(wiring: Wiring, node_id: str) -> set[str]:
    return {source.node_id for sources in wiring[node_id].values() for source in sources}


def _cycle(stuck: set[str], reads: dict[str, set[str]]) -> list[str]:
    """Walks against the edges from a node that never gets ready until one comes up again."""
    trail: dict[str, None] = {}
    node_id = min(stuck)
    while node_id not in trail:
        trail[node_id] = None
        node_id = min(reads[node_id] & stuck)
    names = list(trail)
    ring = names[names.index(node_id) :][::-1]
    first = ring.index(min(ring))
    return ring[first:] + ring[:first]
