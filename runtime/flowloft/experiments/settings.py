"""Settings of a flow's nodes in place of those that are drawn, checked against the schema of the kind."""

from __future__ import annotations

import copy
import hashlib
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from flowloft.core.errors import InputError
from flowloft.core.findings import Finding
from flowloft.core.registry import KINDS
from flowloft.engine.compile import compile_flow
from flowloft.engine.compile.document import pointer

Document = dict[str, Any]
Override = dict[str, Any]
"""``{node, field, value}``; a node inside a container is named by the ids on the way, ``loop/ask``."""


def node_at(document: Document, path: str) -> dict[str, Any] | None:
    """Returns a node of a flow; one inside a container by the ids on the way, ``loop/ask``."""
    graph: dict[str, Any] = document["graph"]
    node = None
    for id_ in path.split("/"):
        node = graph.get("nodes", {}).get(id_)
        if node is None:
            return None
        graph = node.get("body") or {}
    return node


def field_check(document: Document, node: str, field: str, at: str) -> dict[str, Any]:
    """Returns the node, where it has the setting and takes it from no wire.

    Raises:
        InputError: ``unknown_node``, ``unknown_setting`` or ``wired_setting``, with ``extra.path``
            below ``at``.
    """
    found = node_at(document, node)
    if found is None or found["kind"] not in KINDS:
        raise InputError(
            f"The flow has no node “{node}”.",
            code="unknown_node",
            hint="Name it by its id, one inside a container as “container/node”.",
            extra={"path": f"{at}/node"},
        )
    names = list(KINDS.get(found["kind"]).model_fields)
    if field not in names:
        raise InputError(
            f"The node “{node}” has no setting “{field}”.",
            code="unknown_setting",
            hint=f"There are: {', '.join(names)}." if names else "It has none.",
            extra={"path": f"{at}/field"},
        )
    if field in found.get("wired", ()):
        raise InputError(
            f"“{field}” of the node “{node}” comes along a wire.",
            code="wired_setting",
            hint="Choose a setting that is written in the node.",
            extra={"path": f"{at}/field"},
        )
    return found


def value_check(node: dict[str, Any], field: str, value: Any, at: str) -> None:
    """Checks a value by itself; whether it goes with the other settings is the compiler's question.

    Raises:
        InputError: ``invalid_setting`` with ``extra.path`` of what is wrong in it, at or below ``at``.
    """
    try:
        KINDS.get(node["kind"]).model_validate({**node.get("settings", {}), field: value})
    except ValidationError as error:
        for detail in error.errors(include_url=False, include_input=False, include_context=False):
            if detail["loc"][:1] == (field,):
                raise InputError(
                    f"{field}: {detail['msg']}",
                    code="invalid_setting",
                    hint="Give a value that the node's form would take.",
                    extra={"path": pointer(at, detail["loc"][1:])},
                ) from None


def overridden(document: Document, overrides: Sequence[Override]) -> Document:
    """Returns the flow with other settings; what was given stays as it is."""
    changed = copy.deepcopy(document)
    for one in overrides:
        node = node_at(changed, one["node"])
        if node is not None:
            node.setdefault("settings", {})[one["field"]] = one["value"]
    return changed


def first_error(document: Document) -> Finding | None:
    """Returns why a flow can't run; None where it can."""
    return next((one for one in compile_flow(document).findings if one.level == "error"), None)


def combinations(values: Sequence[Sequence[Any]], most: int | None = None) -> Iterator[tuple[Any, ...]]:
    """Yields every combination of values, one of each list.

    Args:
        most: So many only, drawn over all of them: always the same.
    """
    count = math.prod(len(one) for one in values)
    places = range(count)
    kept = None
    if most is not None and most < count:
        kept = set(sorted(places, key=lambda at: hashlib.sha256(str(at).encode()).digest())[:most])
    for at, found in enumerate(itertools.product(*values)):
        if kept is None or at in kept:
            yield found
