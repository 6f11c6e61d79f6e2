"""Older documents to the newest schema, one version at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flowloft.core.errors import FlowError
from flowloft.core.spec import SCHEMA_NAME, SCHEMA_VERSION


def upgrade(document: dict[str, Any]) -> dict[str, Any]:
    """Returns the document in the newest schema version; the given one is not changed.

    Raises:
        FlowError: ``not_a_flow`` or ``newer_schema``.
    """
    if not isinstance(document, dict):
        raise FlowError(
            f"A flow document is a JSON object, not {type(document).__name__}.",
            code="not_a_flow",
            hint=f'It begins with {{"schema": "{SCHEMA_NAME}", "schema_version": {SCHEMA_VERSION}}}.',
        )
    version = document.get("schema_version", SCHEMA_VERSION)
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        raise FlowError(
            "The schema version of the document is no version.",
            code="not_a_flow",
            hint=f"Known versions are 0 to {SCHEMA_VERSION}.",
            extra={"path": "/schema_version"},
        )
    if version > SCHEMA_VERSION:
        raise FlowError(
            f"The document has schema version {version}; this Flowloft knows up to {SCHEMA_VERSION}.",
            code="newer_schema",
            hint="Open it with a newer Flowloft.",
            extra={"path": "/schema_version"},
        )
    while version < SCHEMA_VERSION:
        document = _STEPS[version](document)
        version += 1
    return document


def _from_0(document: dict[str, Any]) -> dict[str, Any]:
    """Version 0 (before the first release) listed nodes and edges, and kept the place of a node in
    the node."""
    positions: dict[str, Any] = {}
    upgraded = {
        "schema": SCHEMA_NAME,
        "schema_version": 1,
        "kind": "flow",
        "graph": _maps(document, positions),
        "ui": {"positions": positions, "groups": {}},
    }
    if "requirements" in document:
        upgraded["requirements"] = document["requirements"]
    return upgraded


def _maps(graph: dict[str, Any], positions: dict[str, Any]) -> dict[str, Any]:
    nodes: dict[str, Any] = {}
    for listed in _objects(graph, "nodes"):
        node = dict(listed)
        node_id = str(node.pop("id", f"node_{len(nodes) + 1}"))
        if "position" in node:
            positions[node_id] = node.pop("position")
        if isinstance(node.get("body"), dict):
            node["body"] = _maps(node["body"], positions)
        nodes[node_id] = node
    edges = {
        str(edge.get("id", f"e{number}")): {name: value for name, value in edge.items() if name != "id"}
        for number, edge in enumerate(_objects(graph, "edges"), start=1)
    }
    return {"nodes": nodes, "edges": edges}


def _objects(graph: dict[str, Any], name: str) -> list[dict[str, Any]]:
    listed = graph.get(name, [])
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise FlowError(
            f"“{name}” must be a list of objects in a document of version 0.",
            code="not_a_flow",
            hint="Export the flow again.",
            extra={"path": f"/{name}"},
        )
    return listed


_STEPS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {0: _from_0}
