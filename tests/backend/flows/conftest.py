"""A small flow to work on."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def document() -> dict[str, Any]:
    """What is typed comes out again."""
    return {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {
            "nodes": {
                "ask": {"kind": "chat_input", "settings": {}},
                "say": {"kind": "chat_output", "settings": {}},
            },
            "edges": {"e1": {"source": "ask", "source_port": "text", "target": "say", "target_port": "text"}},
        },
        "ui": {"positions": {"ask": {"x": 0, "y": 0}, "say": {"x": 300, "y": 0}}, "groups": {}},
        "requirements": {"kinds": {}, "models": [], "credentials": []},
    }


@pytest.fixture
def flow(api: Any, document: dict[str, Any]) -> str:
    """The id of a flow with that document, at revision 1."""
    made = api.post("/api/v1/flows", {"name": "Echo", "document": document})
    assert made.status_code == 201, made.content
    return str(made.json()["id"])
