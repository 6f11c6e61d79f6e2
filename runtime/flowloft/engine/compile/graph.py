"""One graph of a document: its nodes, then its edges, then its order, then its steps."""

from __future__ import annotations

from flowloft.core.findings import has_errors
from flowloft.core.plan import Graph
from flowloft.core.spec import GraphSpec
from flowloft.engine.compile.checks import (
    check_inputs,
    check_merges,
    check_outputs,
    check_retries,
    check_roles,
)
from flowloft.engine.compile.link import link
from flowloft.engine.compile.order import in_order
from flowloft.engine.compile.placed import Placed, place
from flowloft.engine.compile.scope import Scope
from flowloft.engine.compile.wiring import wire


def compile_graph(spec: GraphSpec, scope: Scope, path: str) -> Graph:
    """Compiles a graph and the bodies in it; an empty one, with findings, where that can't be."""
    if scope.too_deep:
        return Graph()
    placed = {
        node_id: place(node_id, node, scope, f"{path}/nodes/{node_id}")
        for node_id, node in spec.nodes.items()
    }
    for node in placed.values():
        _compile_body(node, scope)
    check_roles(placed, scope, path, is_body=path != "/graph")
    wiring = wire(spec, placed, scope, path)
    check_inputs(placed, wiring, scope)
    check_retries(placed, scope)
    order = in_order(wiring, scope, path)
    if order is None:
        return Graph()
    if has_errors(scope.findings):
        return Graph()
    check_outputs(placed, wiring, order, scope)
    needs = check_merges(placed, wiring, order, scope)
    return link(placed, wiring, order, needs)


def _compile_body(node: Placed, scope: Scope) -> None:
    if node.spec.disabled or node.signature is None:
        return
    takes_body = node.signature.takes_body is not None
    if node.spec.body is not None and takes_body:
        node.body = compile_graph(node.spec.body, scope, f"{node.path}/body")
    elif takes_body:
        scope.tell(
            "missing_body",
            "There are no steps inside it.",
            "Put at least a body input and a body output inside, and connect them.",
            node_id=node.node_id,
            path=node.path,
        )
    elif node.spec.body is not None:
        scope.tell(
            "unexpected_body",
            f"A node of kind “{node.spec.kind}” can't hold steps.",
            "Take the body out, or use a loop or a warp.",
            node_id=node.node_id,
            path=f"{node.path}/body",
        )
