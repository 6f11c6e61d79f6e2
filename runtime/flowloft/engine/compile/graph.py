"""One graph of a document: its nodes, then its edges, then its order, then its steps."""

from __future__ import annotations

from flowloft.core.findings import has_errors
from flowloft.core.plan import ERROR_PORT, Graph
from flowloft.core.spec import MAX_BODY_DEPTH, GraphSpec, SavedFlow
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
from flowloft.engine.compile.saved import MAX_FLOWS, flow_ports, prefixed
from flowloft.engine.compile.scope import Scope
from flowloft.engine.compile.tools import tool_graph
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
    ref = None if node.node is None else node.node.runs_flow()
    if ref is not None:
        _compile_saved(node, ref, scope)
        return
    if node.node is None and node.spec.body is None:
        return  # Its settings are wrong, which was said.
    if node.signature.takes_tools:
        node.body = _compile_tools(node, scope)
    elif node.spec.body is not None and takes_body:
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


def _compile_tools(owner: Placed, scope: Scope) -> Graph:
    """Compiles the nodes inside an agent, each by itself."""
    spec, path = owner.spec.body or GraphSpec(), f"{owner.path}/body"
    placed = {
        node_id: place(node_id, node, scope, f"{path}/nodes/{node_id}")
        for node_id, node in spec.nodes.items()
    }
    for node in placed.values():
        _compile_body(node, scope)
    check_retries(placed, scope)
    return tool_graph(owner, placed, spec, scope)


def _compile_saved(node: Placed, ref: str, scope: Scope) -> None:
    """Makes a saved flow the body of the node that runs it."""
    setting = f"{node.path}/settings/flow"

    def tell(code: str, message: str, hint: str) -> None:
        scope.tell(code, message, hint, node_id=node.node_id, path=setting)

    if ref.startswith("@"):
        tell("no_flow_chosen", "No flow is chosen.", "Choose the flow that this node runs.")
        return
    saved = scope.flows.get(ref)
    if ref in scope.trail:
        names = [scope.flows[one].title or one for one in (*scope.trail[scope.trail.index(ref) :], ref)]
        tell(
            "flow_cycle", f"The flow runs itself: {' → '.join(names)}.", "Choose another flow in one of them."
        )
    elif len(scope.trail) >= MAX_BODY_DEPTH or len(scope.flows) > MAX_FLOWS:
        tell(
            "too_many_flows",
            f"At most {MAX_FLOWS} flows, {MAX_BODY_DEPTH} deep, can run inside one.",
            "Put the steps of some of them into one flow.",
        )
    elif saved is None:
        version = ref.rpartition("@")[2]
        missing = "is not published" if version == "published" else "does not exist or is not yours"
        tell(
            "no_such_flow",
            f"The flow that this node runs {missing}.",
            "Publish it, or choose another flow or version.",
        )
    else:
        inner = Scope(prefixed(saved.graph, f"{node.node_id}."), [], scope.flows, (*scope.trail, ref))
        body = compile_graph(inner.graph, inner, "/graph")
        wrong = next((finding for finding in inner.findings if finding.level == "error"), None)
        if wrong is None:
            node.body = body
            scope.kinds |= inner.kinds
            _check_saved_ports(node, saved, scope)
        elif wrong.code == "flow_cycle":
            tell(wrong.code, wrong.message, wrong.hint)
        else:
            tell(
                "flow_has_errors",
                f"The flow “{saved.title or ref}” cannot run: {wrong.message}",
                "Open it and mend what its checklist names.",
            )


def _check_saved_ports(node: Placed, saved: SavedFlow, scope: Scope) -> None:
    """The node's ports were read from the saved flow once; it may have changed since."""
    takes, gives = flow_ports(saved.graph)
    missing = [port.name for port in takes if port.required and port.name not in node.inputs]
    gone = [name for name in node.inputs if name not in {port.name for port in takes}]
    gone += [name for name in node.outputs if name not in {port.name for port in gives} | {ERROR_PORT}]
    changed = [*missing, *gone]
    if changed:
        scope.tell(
            "flow_changed",
            f"The inputs or outputs of “{saved.title}” have changed: {', '.join(changed)}.",
            "Press “Read its inputs and outputs again” in the node's settings.",
            level="error" if missing else "warning",
            node_id=node.node_id,
            path=f"{node.path}/settings/flow",
        )
