"""The API described for programs; the page's types are generated from it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.views import SpectacularJSONAPIView
from flowloft.core.events import Event
from flowloft.core.findings import Finding
from flowloft.core.fold import RunState
from flowloft.core.knowledge import SearchResult, SearchSettings
from flowloft.core.spec import FlowSpec
from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema
from rest_framework.permissions import AllowAny

from backend.flows.catalogue import Catalogue

REF = "#/components/schemas/{model}"

SHAPES: dict[str, TypeAdapter[Any]] = {"Event": TypeAdapter(Event), "RunState": TypeAdapter(RunState)}

ERROR = {
    "type": "object",
    "description": "What every refusal and every failed step carries.",
    "properties": {
        "code": {"type": "string", "description": "Stable; a heading in docs/errors.md."},
        "message": {"type": "string", "description": "What happened."},
        "hint": {"type": "string", "description": "What is valid, and what to do."},
        "extra": {"type": "object", "additionalProperties": True},
    },
    "required": ["code", "message", "hint", "extra"],
}


class Schema(SpectacularJSONAPIView):
    """The OpenAPI description of this version."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


def add_components(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Adds what the runtime defines, and the one error answer of every operation."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    models: list[Any] = [
        (model, "serialization") for model in (FlowSpec, Catalogue, Finding, SearchSettings, SearchResult)
    ]
    defined = models_json_schema(models, ref_template=REF)[1]
    schemas.update(defined["$defs"])
    for name, shape in SHAPES.items():
        schema = shape.json_schema(ref_template=REF, mode="serialization")
        schemas.update(schema.pop("$defs", {}))
        schemas[name] = schema
    schemas["Error"] = ERROR
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"].setdefault(
                "default",
                {
                    "description": "Refused.",
                    "content": {"application/json": {"schema": {"$ref": REF.format(model="Error")}}},
                },
            )
    result["components"]["schemas"] = dict(sorted(schemas.items()))
    return result
