"""What a job on another backend cannot reach, said before it is started."""

from __future__ import annotations

from flowloft.core.backend import BACKENDS
from flowloft.core.knowledge import BUNDLED
from flowloft.core.node import Node
from flowloft.core.registry import KINDS
from flowloft.core.spec import FlowSpec, NodeSpec

from backend.common.errors import ApiError
from backend.compute.models import BackendEntry
from backend.flows.components import COMPONENTS
from backend.runs.facts import nodes_of


def reach_check(*, place: BackendEntry, spec: FlowSpec) -> None:
    """Refuses a flow whose nodes need what only the studio has.

    Raises:
        ApiError: 400 ``not_on_backend``, with the id of the node.
    """
    shares = BACKENDS.get(place.kind).shares_files
    own = {} if shares else COMPONENTS.entries()
    graphs = [spec.graph, *(saved.graph for saved in spec.flows.values())]
    for node_id, node in (one for graph in graphs for one in nodes_of(graph)):
        if node.disabled or node.kind not in KINDS:
            continue
        if node.kind in own:
            raise _refused(place, node_id, node, "is a component from a folder that only the studio has")
        if _asks_the_studio(KINDS.get(node.kind), node):
            raise _refused(place, node_id, node, "searches a knowledge base that only the studio has")


def _asks_the_studio(kind: type[Node], node: NodeSpec) -> bool:
    for name, field in kind.model_fields.items():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and extra.get("x-widget") == "knowledge_base":
            value = node.settings.get(name, field.default)
            if name in node.wired or (isinstance(value, str) and value and not value.startswith(BUNDLED)):
                return True
    return False


def _refused(place: BackendEntry, node_id: str, node: NodeSpec, why: str) -> ApiError:
    return ApiError(
        400,
        "not_on_backend",
        f"The flow cannot run as a job on “{place.name}”: its node “{node.title or node_id}” {why}.",
        "Run it in the studio, or disable the node.",
        path="/backend",
        node_id=node_id,
    )
