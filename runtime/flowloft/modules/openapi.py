"""What a served module takes and gives, for programs that want to know before they call it."""

from __future__ import annotations

import inspect
from typing import Any, get_type_hints

from pydantic import PydanticUserError, TypeAdapter

from flowloft.flow import Flow

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


def signature_of(action: Any) -> inspect.Signature | None:
    """Returns the parameters of what is served; None where a flow or a builtin does not say."""
    if isinstance(action, Flow):
        return None
    try:
        return inspect.signature(_function(action))
    except (TypeError, ValueError):
        return None


def describe(name: str, action: Any, *, secured: bool) -> dict[str, Any]:
    """Returns the OpenAPI document of a server.

    Args:
        action: What is served.
        secured: Whether a key is needed.
    """
    hints = _hints(action)
    answer = {
        "type": "object",
        "required": ["output"],
        "properties": {"output": _schema(hints.get("return")), "spread": {"type": "boolean"}},
    }
    run = {
        "operationId": "run",
        "summary": f"Call {name}",
        "description": inspect.getdoc(action) or "",
        "requestBody": {"required": True, "content": {"application/json": {"schema": _call(action, hints)}}},
        "responses": {
            "200": {
                "description": "The result, or its pieces as events: `piece`, then `done` or `error`.",
                "content": {
                    "application/json": {"schema": answer},
                    "text/event-stream": {"schema": {"type": "string"}},
                },
            },
            "default": {
                "description": "What went wrong, and what to do.",
                "content": {"application/json": {"schema": _ERROR}},
            },
        },
    }
    health = {"operationId": "health", "security": [], "responses": {"200": {"description": "It serves."}}}
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": name, "version": "1"},
        "paths": {"/run": {"post": run}, "/health": {"get": health}},
    }
    if secured:
        document["components"] = {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}}
        document["security"] = [{"key": []}]
    return document


def _call(action: Any, hints: dict[str, Any]) -> dict[str, Any]:
    parameters = list((signature_of(action) or inspect.Signature()).parameters.values())
    single = [item for item in parameters if item.kind in (item.POSITIONAL_ONLY, item.POSITIONAL_OR_KEYWORD)]
    by_name = [item for item in parameters if item.kind in (item.POSITIONAL_OR_KEYWORD, item.KEYWORD_ONLY)]
    named = {item.name: _schema(hints.get(item.name)) for item in by_name}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "input": _schema(hints.get(single[0].name)) if single else {},
            "args": {"type": "array"},
            "named": {"type": "object", "properties": named},
            "stream": {"type": "boolean", "default": False},
        },
    }


def _function(action: Any) -> Any:
    if inspect.isroutine(action) or inspect.isclass(action) or hasattr(action, "__signature__"):
        return action
    forward = getattr(action, "forward", None)
    return forward if callable(forward) else action.__call__


def _hints(action: Any) -> dict[str, Any]:
    try:
        return {} if isinstance(action, Flow) else get_type_hints(_function(action))
    except (NameError, TypeError, AttributeError):
        return {}


def _schema(annotation: Any) -> dict[str, Any]:
    """Returns the JSON Schema of an annotation; one that allows anything where it has none."""
    if annotation is None or annotation is Any:
        return {}
    try:
        return TypeAdapter(annotation).json_schema(ref_template="#/$defs/{model}")
    except (PydanticUserError, TypeError, NameError):
        return {}
