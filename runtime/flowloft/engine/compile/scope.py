"""What all graphs of one document share while they are compiled."""

from __future__ import annotations

from collections.abc import Iterator

from flowloft.core.findings import Finding, Level
from flowloft.core.spec import MAX_BODY_DEPTH, MAX_EDGES, MAX_NODES, GraphSpec, SavedFlow


class Scope:
    """The findings, the kinds in use, and where each node stands.

    Checks what concerns the document as a whole: sizes, depth, ids.
    """

    def __init__(
        self,
        graph: GraphSpec,
        findings: list[Finding],
        flows: dict[str, SavedFlow] | None = None,
        trail: tuple[str, ...] = (),
    ) -> None:
        self.graph = graph
        self.findings = findings
        self.flows = flows or {}
        self.trail = trail
        """The saved flows around this graph, outermost first."""
        self.kinds: dict[str, int] = {}
        self.homes: dict[str, str] = {}
        """Pointer of the graph that each node stands in, by id."""
        edges = 0
        self.too_deep = False
        for pointer, inner, depth in _graphs(graph):
            if depth > MAX_BODY_DEPTH:
                self.too_deep = True
                self.tell(
                    "too_deep",
                    f"Loops and warps are nested more than {MAX_BODY_DEPTH} levels deep.",
                    "Take the innermost steps out of some of them.",
                    path=pointer,
                )
                break
            edges += len(inner.edges)
            for node_id in inner.nodes:
                if node_id in self.homes:
                    self.tell(
                        "duplicate_id",
                        f"Two nodes are called “{node_id}”.",
                        "Ids are unique in the whole flow, inside loops and warps as well.",
                        node_id=node_id,
                        path=f"{pointer}/nodes/{node_id}",
                    )
                self.homes.setdefault(node_id, pointer)
        for noun, count, most in (("nodes", len(self.homes), MAX_NODES), ("edges", edges, MAX_EDGES)):
            if count > most:
                self.tell(
                    f"too_many_{noun}",
                    f"The flow has {count} {noun}.",
                    f"At most {most} are allowed; split it into several flows.",
                    path="/graph",
                )

    def tell(
        self,
        code: str,
        message: str,
        hint: str,
        *,
        level: Level = "error",
        node_id: str | None = None,
        path: str = "",
    ) -> None:
        """Adds a finding."""
        self.findings.append(
            Finding(level=level, code=code, message=message, hint=hint, node_id=node_id, path=path)
        )


def _graphs(graph: GraphSpec) -> Iterator[tuple[str, GraphSpec, int]]:
    """Yields each graph with its pointer and depth, outermost first."""
    waiting = [("/graph", graph, 0)]
    for pointer, inner, depth in waiting:
        yield pointer, inner, depth
        for node_id, node in inner.nodes.items():
            if node.body is not None:
                waiting.append((f"{pointer}/nodes/{node_id}/body", node.body, depth + 1))
