"""Flows in a few words, and a sink that remembers."""

from __future__ import annotations

import threading
from typing import Any

from flowloft.core.context import Context
from flowloft.engine import Outcome, compile_flow, run_plan


def graph(nodes: dict[str, Any], *edges: str) -> dict[str, Any]:
    """Draws a graph: nodes as ``{"id": "kind"}`` or ``{"id": ("kind", {settings}, {more})}``, edges
    as ``"a b"`` (output to value), ``"a.yes b"`` or ``"a b.items"``."""
    drawn: dict[str, Any] = {}
    for name, what in nodes.items():
        kind, settings, more = (*((what,) if isinstance(what, str) else what), {}, {})[:3]
        drawn[name] = {"kind": f"t_{kind}", "settings": settings, **more}
    wires = {}
    for number, edge in enumerate(edges, start=1):
        source, target = edge.split()
        source, _, out = source.partition(".")
        target, _, into = target.partition(".")
        wires[f"e{number}"] = {
            "source": source,
            "source_port": out or "output",
            "target": target,
            "target_port": into or "value",
        }
    return {"nodes": drawn, "edges": wires}


def flow(nodes: dict[str, Any], *edges: str) -> dict[str, Any]:
    """Draws a whole flow, see :func:`graph`."""
    return {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": graph(nodes, *edges),
    }


def each(limit: int, prefix: str = "", seconds: float = 0) -> tuple[Any, ...]:
    """Draws a container that waits for each item and gives it."""
    enter, wait, leave = f"{prefix}in", f"{prefix}wait", f"{prefix}out"
    nodes = {enter: "enter", wait: ("work", {"seconds": seconds}), leave: "leave"}
    return ("each", {"limit": limit}, {"body": graph(nodes, f"{enter} {wait}", f"{wait} {leave}")})


class Told:
    """Remembers everything that a run tells, as (what, key, the rest)."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, tuple[Any, ...]]] = []
        self.threads: set[int] = set()

    def __getattr__(self, what: str) -> Any:
        def note(node_id: str, path: str, *rest: Any) -> None:
            self.threads.add(threading.get_ident())
            self.events.append((what.removeprefix("step_"), f"{path}/{node_id}" if path else node_id, rest))

        return note

    def of(self, key: str) -> list[str]:
        return [what for what, told_key, _ in self.events if told_key == key]

    def last(self, what: str, key: str) -> tuple[Any, ...]:
        return [rest for one, told_key, rest in self.events if (one, told_key) == (what, key)][-1]


def run(document: dict[str, Any], context: Context | None = None, **options: Any) -> tuple[Outcome, Told]:
    """Compiles and runs; a flow that does not compile fails the test."""
    compiled = compile_flow(document)
    assert compiled.plan is not None, compiled.findings
    told = Told()
    return run_plan(compiled.plan, {}, context, told, **options), told


def value(outcome: Outcome) -> Any:
    return outcome.value()["value"]
