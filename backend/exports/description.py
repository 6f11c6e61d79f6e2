"""What a flow takes and gives, as OpenAPI 3.1: for programs that call just this one."""

from __future__ import annotations

import json
from typing import Any

from flowloft.core.spec import FlowSpec, NodeSpec

from backend.flows.models import Flow

JSON_TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "list": {"type": "array", "items": {}},
    "record": {"type": "object"},
    "messages": {"type": "array", "items": {"$ref": "#/components/schemas/Message"}},
    "documents": {"type": "array", "items": {"type": "object"}},
    "file": {"type": "object"},
}
_MESSAGE = {
    "type": "object",
    "required": ["role", "content"],
    "properties": {
        "role": {"type": "string", "enum": ["system", "user", "assistant", "tool"]},
        "content": {"type": "string"},
    },
}
_ERROR = {
    "type": "object",
    "required": ["code", "message", "hint", "extra"],
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "hint": {"type": "string"},
        "extra": {"type": "object"},
    },
}
_STATES = ["queued", "running", "cancelling", "succeeded", "failed", "timed_out", "cancelled"]


def describe(flow: Flow, spec: FlowSpec, version: str, server: str) -> dict[str, Any]:
    """Returns the description of ``POST /flows/{id}/runs`` for one flow.

    Args:
        version: What a run is made of: ``draft``, ``published`` or a number.
        server: Where the studio is, for instance ``http://127.0.0.1:8000``.
    """
    nodes = [node for _, node in sorted(spec.graph.nodes.items()) if not node.disabled]
    return {
        "openapi": "3.1.0",
        "info": {"title": flow.name, "version": version, "description": flow.description},
        "servers": [{"url": server}],
        "security": [{"token": []}],
        "paths": {f"/api/v1/flows/{flow.pk}/runs": {"post": _operation(version)}},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Error": _ERROR,
                "Inputs": _inputs(nodes),
                "Message": _MESSAGE,
                "Outputs": _outputs(nodes),
                "Run": _run(),
            },
        },
    }


def tool_inputs(spec: FlowSpec) -> dict[str, Any]:
    """Returns what a flow takes as a JSON Schema by itself, as programs that call tools want it."""
    nodes = [node for _, node in sorted(spec.graph.nodes.items()) if not node.disabled]
    inputs = _inputs(nodes)
    # Such a program knows nothing of an earlier conversation: it says what it wants in one piece.
    inputs["properties"].pop("history", None)
    text = json.dumps({**inputs, "$defs": {"Message": _MESSAGE}})
    schema: dict[str, Any] = json.loads(text.replace("#/components/schemas/", "#/$defs/"))
    return schema


def _operation(version: str) -> dict[str, Any]:
    body = {
        "type": "object",
        "required": ["inputs", "version"],
        "properties": {
            "version": {"const": version},
            "inputs": {"$ref": "#/components/schemas/Inputs"},
        },
    }
    wait = {
        "name": "Prefer",
        "in": "header",
        "required": False,
        "schema": {"type": "string", "pattern": r"^wait=\d+$"},
        "description": "`wait=60` waits for the end, so that the answer holds the outputs.",
    }
    return {
        "operationId": "run",
        "summary": "Run the flow",
        "parameters": [wait],
        "requestBody": {"required": True, "content": _json(body)},
        "responses": {
            "201": {
                "description": "The run; with outputs where it was waited for and succeeded.",
                "content": _json({"$ref": "#/components/schemas/Run"}),
            },
            "default": {
                "description": "Refused.",
                "content": _json({"$ref": "#/components/schemas/Error"}),
            },
        },
    }


def _run() -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["id", "status", "last_seq"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "status": {"type": "string", "enum": _STATES},
            "last_seq": {"type": "integer"},
            "outputs": {"oneOf": [{"$ref": "#/components/schemas/Outputs"}, {"type": "null"}]},
            "error": {"oneOf": [{"$ref": "#/components/schemas/Error"}, {"type": "null"}]},
        },
    }


def _inputs(nodes: list[NodeSpec]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    required: list[str] = []
    for node in nodes:
        if node.kind == "chat_input":
            fields["text"] = {"type": "string", "minLength": 1, "description": "What is said to the flow."}
            fields["history"] = JSON_TYPES["messages"] | {"description": "Said before, oldest first."}
            required.append("text")
        elif node.kind == "input":
            name = str(node.settings.get("name", "value"))
            fields[name] = _input(node.settings)
            if node.settings.get("required", True) and node.settings.get("default") is None:
                required.append(name)
    return {"type": "object", "properties": fields, "required": sorted(set(required))}


def _input(settings: dict[str, Any]) -> dict[str, Any]:
    field = dict(JSON_TYPES.get(str(settings.get("type", "text")), {}))
    if settings.get("description"):
        field["description"] = settings["description"]
    if settings.get("default") is not None:
        field["default"] = settings["default"]
    return field


def _outputs(nodes: list[NodeSpec]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for node in nodes:
        if node.kind == "chat_output":
            fields["text"] = {"type": "string", "description": "The answer."}
        elif node.kind == "output":
            said = node.settings.get("description")
            fields[str(node.settings.get("name", "result"))] = {"description": said} if said else {}
    return {"type": "object", "properties": fields}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
