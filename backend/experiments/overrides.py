"""Settings of a flow's nodes in place of those that are drawn, checked against the schema of the kind."""

from __future__ import annotations

import copy
from typing import Any

from flowloft.core.findings import Finding
from flowloft.core.registry import KINDS
from flowloft.core.spec import FlowSpec
from flowloft.engine.compile import compile_flow
from pydantic import ValidationError

from backend.common.errors import ApiError, pointer


def node_at(document: dict[str, Any], path: str) -> dict[str, Any] | None:
    """Returns a node of a flow; one inside a container by the ids on the way, ``loop/ask``."""
    graph: dict[str, Any] = document["graph"]
    node = None
    for id_ in path.split("/"):
        node = graph.get("nodes", {}).get(id_)
        if node is None:
            return None
        graph = node.get("body") or {}
    return node


def field_check(document: dict[str, Any], node: str, field: str, at: str) -> dict[str, Any]:
    """Returns the node, where it has the setting and takes it from no wire.

    Raises:
        ApiError: 400 with the path below ``at``.
    """
    found = node_at(document, node)
    if found is None or found["kind"] not in KINDS:
        raise ApiError(
            400,
            "unknown_node",
            f"The flow has no node “{node}”.",
            "Name it by its id, one inside a container as “container/node”.",
            path=f"{at}/node",
        )
    names = list(KINDS.get(found["kind"]).model_fields)
    if field not in names:
        raise ApiError(
            400,
            "unknown_setting",
            f"The node “{node}” has no setting “{field}”.",
            f"There are: {', '.join(names)}." if names else "It has none.",
            path=f"{at}/field",
        )
    if field in found.get("wired", ()):
        raise ApiError(
            400,
            "wired_setting",
            f"“{field}” of the node “{node}” comes along a wire.",
            "Choose a setting that is written in the node.",
            path=f"{at}/field",
        )
    return found


def value_check(node: dict[str, Any], field: str, value: Any, at: str) -> None:
    """Checks a value by itself; whether it goes with the other settings is the compiler's question.

    Raises:
        ApiError: 400 with the path of what is wrong in it, at or below ``at``.
    """
    try:
        KINDS.get(node["kind"]).model_validate({**node.get("settings", {}), field: value})
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False, include_context=False):
            if detail["loc"][:1] == (field,):
                raise ApiError(
                    400,
                    "invalid_setting",
                    f"{field}: {detail['msg']}",
                    "Give a value that the node's form would take.",
                    path=at + pointer(detail["loc"][1:]),
                ) from None


def checked(document: dict[str, Any], overrides: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns overrides that suit a flow.

    Raises:
        ApiError: 400 with the path, ``/overrides/0/value``.
    """
    for at, one in enumerate(overrides):
        node = field_check(document, one["node"], one["field"], f"/overrides/{at}")
        value_check(node, one["field"], one["value"], f"/overrides/{at}/value")
    return overrides


def overridden(document: dict[str, Any], overrides: list[dict[str, Any]]) -> dict[str, Any]:
    """Returns the flow with other settings; what was given stays as it is."""
    changed = copy.deepcopy(document)
    for one in overrides:
        node = node_at(changed, one["node"])
        if node is not None:
            node.setdefault("settings", {})[one["field"]] = one["value"]
    return changed


def first_error(document: dict[str, Any]) -> Finding | None:
    """Returns why a flow can't run; None where it can."""
    return next((one for one in compile_flow(document).findings if one.level == "error"), None)


def runnable(document: dict[str, Any]) -> FlowSpec:
    """Returns what an overridden flow says.

    Raises:
        ApiError: 422 where it can't run so.
    """
    wrong = first_error(document)
    if wrong is not None:
        raise ApiError(
            422,
            "flow_has_errors",
            f"The flow cannot run with these settings: {wrong.message}",
            wrong.hint,
            findings=[wrong.model_dump()],
        )
    return FlowSpec.model_validate(document)
