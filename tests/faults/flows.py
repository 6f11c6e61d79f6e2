"""The flows that are run while something is killed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

Wire = tuple[str, str, str, str]


def flow(nodes: dict[str, Any], *wires: Wire) -> dict[str, Any]:
    """Returns a document of nodes, and of edges as source, port, target, port."""
    ends = ("source", "source_port", "target", "target_port")
    edges = {f"e{index}": dict(zip(ends, wire, strict=True)) for index, wire in enumerate(wires)}
    return {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {"nodes": nodes, "edges": edges},
    }


def echo() -> dict[str, Any]:
    """Returns what it is told, at once."""
    nodes = {"ask": {"kind": "chat_input"}, "say": {"kind": "chat_output"}}
    return flow(nodes, ("ask", "text", "say", "text"))


def talk(count: int, pause: float) -> dict[str, Any]:
    """Says ``count`` words, one each ``pause`` seconds."""
    nodes = {
        "talk": {"kind": "slow_tokens", "settings": {"count": count, "pause": pause}},
        "say": {"kind": "chat_output"},
    }
    return flow(nodes, ("talk", "output", "say", "text"))


def heard(count: int, pause: float) -> dict[str, Any]:
    """Takes a question, and says words as :func:`talk` does."""
    nodes = {
        "ask": {"kind": "chat_input"},
        "talk": {"kind": "slow_tokens", "settings": {"count": count, "pause": pause}},
        "say": {"kind": "chat_output"},
    }
    return flow(nodes, ("talk", "output", "say", "text"))


def words(count: int) -> str:
    """Returns what :func:`talk` says."""
    return "".join(f"wörd{index} " for index in range(count))


def effects(file: Path, pause: float) -> dict[str, Any]:
    """Two steps with an effect, one that may be repeated and one that must not, then words."""
    common = {"file": str(file), "pause": pause}
    nodes = {
        "first": {"kind": "counted", "settings": {**common, "again": "repeatable"}},
        "second": {"kind": "counted", "settings": {**common, "again": "once"}},
        "talk": {"kind": "slow_tokens", "settings": {"count": 20, "pause": pause / 20}},
        "told": {"kind": "output", "settings": {"name": "done"}},
        "say": {"kind": "chat_output"},
    }
    return flow(
        nodes,
        ("first", "output", "second", "after"),
        ("second", "output", "told", "value"),
        ("talk", "output", "say", "text"),
    )


def approval(file: Path) -> dict[str, Any]:
    """Pays once, asks whether that was right, and talks meanwhile."""
    paid = {"file": str(file), "pause": 0, "again": "once"}
    nodes = {
        "pay": {"kind": "counted", "settings": paid},
        "ask": {"kind": "approval"},
        "talk": {"kind": "slow_tokens", "settings": {"count": 100, "pause": 0.02}},
        "told": {"kind": "output", "settings": {"name": "done"}},
        "say": {"kind": "chat_output"},
    }
    return flow(
        nodes,
        ("pay", "output", "ask", "value"),
        ("ask", "approved", "told", "value"),
        ("talk", "output", "say", "text"),
    )
