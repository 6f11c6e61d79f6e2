"""A flow that is not quite plain."""

from __future__ import annotations

from typing import Any

import pytest

PLANTED = "sk-planted-0123456789"
"""A key that must not leave."""


@pytest.fixture
def document() -> dict[str, Any]:
    """A flow with inputs of every sort, a text of several lines, and a key where none belongs."""
    return {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {
            "nodes": {
                "say": {"kind": "chat_output", "settings": {}},
                "ask": {"kind": "chat_input", "settings": {}},
                "count": {
                    "kind": "input",
                    "settings": {"name": "count", "type": "number", "description": "How many."},
                },
                "words": {"kind": "prompt", "settings": {"template": "你好 {who}\n  yes: no\u2028- #\x85"}},
                "call": {
                    "kind": "http_request",
                    "settings": {
                        "url": "https://example.com",
                        "headers": {
                            "Accept": "text/plain",
                            "Authorization": f"Bearer {PLANTED}",
                            "X-Api-Key": "{key}",
                        },
                    },
                },
                "gone": {"kind": "telepathy", "settings": {"api_key": PLANTED, "range": [1, None]}},
            },
            "edges": {
                "e1": {"source": "ask", "source_port": "text", "target": "words", "target_port": "who"},
                "e2": {"source": "words", "source_port": "output", "target": "say", "target_port": "text"},
            },
        },
        "ui": {"positions": {"say": {"x": 300, "y": 0}, "ask": {"x": 0, "y": 0}}, "groups": {}},
        "requirements": {"kinds": {}, "models": [], "credentials": []},
    }


@pytest.fixture
def flow(api: Any, document: dict[str, Any]) -> str:
    """The id of a flow with that document."""
    made = api.post("/api/v1/flows", {"name": "问候 1/2", "document": document})
    assert made.status_code == 201, made.content
    return str(made.json()["id"])
