"""A flow document that is drawn node by node: scopes, values that may come one of several ways, places."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flowloft.core.carried import RESERVED
from flowloft.core.spec import SCHEMA_NAME, SCHEMA_VERSION

Document = dict[str, Any]
_WIDTH, _HEIGHT, _GAP, _MARGIN, _HEAD = 240, 130, 80, 40, 110
"""Canvas pixels: of a node, between columns, inside a container, above its first row."""


@dataclass(eq=False)
class Scope:
    """The flow itself, or the inside of a container."""

    graph: Document
    parent: Scope | None = None
    container: str = ""
    entry: str = ""
    carried: dict[Way, str] = field(default_factory=dict)


@dataclass(frozen=True)
class End:
    """An output port."""

    scope: Scope
    node_id: str
    port: str


Way = tuple[End, ...]
"""Where a value comes from: several ends are those of branches of which one is taken."""


@dataclass(frozen=True)
class Value:
    """What is between two steps.

    Attributes:
        ways: One for each value that the next step is called with.
        spread: Whether the only value is a list whose items it is called with.
        text: Whether it is certainly a text.
    """

    ways: tuple[Way, ...]
    spread: bool = False
    text: bool = False

    @property
    def single(self) -> Way | None:
        """The only value; None where there are several, or where nobody knows how many."""
        return self.ways[0] if len(self.ways) == 1 and not self.spread else None

    def each(self, change: Callable[[Way], Way]) -> Value:
        """Returns the same with every value changed."""
        return Value(tuple(change(way) for way in self.ways), self.spread, self.text)


class Canvas:
    """A document under construction."""

    def __init__(self) -> None:
        self.root = Scope({"nodes": {}, "edges": {}})
        self._ids: set[str] = set()

    def node(
        self,
        scope: Scope,
        kind: str,
        settings: Document,
        name: str,
        wires: list[tuple[str, Way]],
        *,
        title: str = "",
    ) -> str:
        """Draws a node with its wires; returns its id."""
        node_id = self._id(name)
        node: Document = {"kind": kind, "settings": settings}
        if title:
            node["title"] = title[:80]
        scope.graph["nodes"][node_id] = node
        for port, way in wires:
            self.wire(scope, way, node_id, port)
        return node_id

    def wire(self, scope: Scope, way: Way, target: str, port: str) -> None:
        """Draws the edges of a value to an input."""
        for end in self.reach(way, scope):
            edges = scope.graph["edges"]
            edges[f"e{len(edges) + 1}"] = {
                "source": end.node_id,
                "source_port": end.port,
                "target": target,
                "target_port": port,
            }

    def reach(self, way: Way, scope: Scope) -> Way:
        """Returns where a value is found in a scope; it is carried into containers where need be."""
        if way[0].scope is scope or scope.parent is None:
            return way
        if way not in scope.carried:
            port = _free(_plain(f"{way[0].node_id}_{way[0].port}"), {*scope.carried.values(), *RESERVED})
            scope.carried[way] = port
            self.wire(scope.parent, way, scope.container, port)
            for node in (scope.parent.graph["nodes"][scope.container], scope.graph["nodes"][scope.entry]):
                node["settings"].setdefault("carried", []).append({"name": port})
        return (End(scope, scope.entry, scope.carried[way]),)

    def container(
        self,
        scope: Scope,
        kind: str,
        settings: Document,
        name: str,
        wires: list[tuple[str, Way]],
        *,
        title: str,
    ) -> tuple[str, Scope]:
        """Draws a container with its beginning; returns its id and its inside."""
        node_id = self.node(scope, kind, settings, name, wires, title=title)
        body: Document = {"nodes": {}, "edges": {}}
        scope.graph["nodes"][node_id]["body"] = body
        inside = Scope(body, scope, node_id)
        inside.entry = self.node(inside, "body_input", {}, f"{node_id}_begin", [])
        return node_id, inside

    def document(self) -> Document:
        """Returns the document, with a place for each node."""
        positions: Document = {}
        _arrange(self.root.graph, positions)
        return {
            "schema": SCHEMA_NAME,
            "schema_version": SCHEMA_VERSION,
            "kind": "flow",
            "graph": self.root.graph,
            "ui": {"positions": positions},
        }

    def _id(self, name: str) -> str:
        node_id = _free(_plain(name), self._ids)
        self._ids.add(node_id)
        return node_id


def _plain(name: str) -> str:
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")[:40] or "step"
    return plain if not plain[0].isdigit() else f"n_{plain}"


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 2
    while free in taken:
        free, number = f"{name}_{number}", number + 1
    return free


def _arrange(graph: Document, positions: Document) -> tuple[int, int]:
    """Places nodes in columns by how far they are from the beginning; returns the size that takes."""
    before: dict[str, set[str]] = {node_id: set() for node_id in graph["nodes"]}
    for edge in graph["edges"].values():
        before[edge["target"]].add(edge["source"])
    columns: dict[str, int] = {}
    for node_id in graph["nodes"]:  # drawn in an order in which each stands after those it reads
        columns[node_id] = max((columns.get(one, 0) + 1 for one in before[node_id]), default=0)
    x, height = _MARGIN, 0
    for column in range(max(columns.values(), default=-1) + 1):
        y, width = _HEAD, _WIDTH
        for node_id in (one for one, number in columns.items() if number == column):
            place: Document = {"x": x, "y": y}
            size = (_WIDTH, _HEIGHT)
            body = graph["nodes"][node_id].get("body")
            if body is not None:
                size = _arrange(body, positions)
                place |= {"width": size[0], "height": size[1]}
            positions[node_id] = place
            y += size[1] + _MARGIN
            width = max(width, size[0])
        x += width + _GAP
        height = max(height, y)
    return x - _GAP + _MARGIN, height
