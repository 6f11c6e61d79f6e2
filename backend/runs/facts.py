"""What it takes to run a flow again just so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import flowloft
from flowloft.core.context import ModelSource
from flowloft.core.errors import FlowloftError
from flowloft.core.node import model_settings
from flowloft.core.plan import Plan
from flowloft.core.registry import KINDS
from flowloft.core.spec import FlowSpec, GraphSpec, NodeSpec


def nodes_of(graph: GraphSpec) -> Iterator[tuple[str, NodeSpec]]:
    """Yields every node with its id, those in bodies among them."""
    waiting = [graph]
    for inner in waiting:
        for node_id, node in inner.nodes.items():
            yield node_id, node
            if node.body is not None:
                waiting.append(node.body)


def models_of(spec: FlowSpec) -> list[str]:
    """Returns the references of the models that a flow and the saved flows in it name, sorted."""
    found = set()
    graphs = [spec.graph, *(saved.graph for saved in spec.flows.values())]
    for _, node in (one for graph in graphs for one in nodes_of(graph)):
        if node.disabled or node.kind not in KINDS:
            continue
        kind = KINDS.get(node.kind)
        for name in model_settings(kind):
            value = node.settings.get(name, kind.model_fields[name].default)
            if isinstance(value, str) and value:
                found.add(value)
    return sorted(found)


def facts_of(*, plan: Plan, spec: FlowSpec, models: ModelSource) -> dict[str, Any]:
    """Returns versions and models as they are now. Holds no key: an address and a name."""
    return {
        "flowloft": flowloft.__version__,
        "kinds": dict(sorted(plan.kinds.items())),
        "models": {ref: _model(ref, models) for ref in models_of(spec)},
    }


def _model(ref: str, models: ModelSource) -> dict[str, Any]:
    try:
        found = models.resolve(ref)
    except FlowloftError as error:
        return {"error": error.error_code}
    known = {"provider": found.provider, "address": found.base_url, "model": found.model}
    revision = found.options.get("revision")
    return {**known, "revision": revision} if isinstance(revision, str) else known
