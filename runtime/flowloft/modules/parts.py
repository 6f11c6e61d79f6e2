"""The services that a drawn flow is made of: its servers, its pages, and the models of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flowloft.core.context import Connection
from flowloft.core.node import Node
from flowloft.core.registry import KINDS
from flowloft.core.spec import EdgeSpec, FlowSpec, GraphSpec, NodeSpec

if TYPE_CHECKING:
    from flowloft.modules.base import Module

IN_PLACE = "action_module"
"""The kind that does its body where it stands."""


def parts_of(spec: FlowSpec, **given: Any) -> dict[str, Module]:
    """Returns a module for each service, by the place of its node. What stands inside a server or a page
    is a part of that one.

    Args:
        given: To the flows inside: ``models``, ``timeout``.
    """
    return {
        place: _module(node_id, node, spec, given) for place, node_id, node in _services(spec.graph, spec)
    }


def connections(parts: dict[str, Module]) -> dict[str, Connection]:
    """Returns where those answer that run, by place."""
    found = {place: _connection(part) for place, part in parts.items() if part.is_running}
    return {place: one for place, one in found.items() if one is not None}


def _services(graph: GraphSpec, spec: FlowSpec, before: str = "") -> Iterator[tuple[str, str, NodeSpec]]:
    for node_id, node in graph.nodes.items():
        kind = KINDS.get(node.kind) if node.kind in KINDS else Node
        place = f"{before}{node_id}"
        if node.disabled:
            continue
        if kind.service == "model":
            if node.settings.get("base_model"):
                yield place, node_id, node
        elif kind.service:
            yield place, node_id, node
        elif node.body is not None:
            yield from _services(node.body, spec, f"{place}/")
        elif node.kind in KINDS and kind.runs_flow is not Node.runs_flow:
            saved = spec.flows.get(kind.model_validate(node.settings).runs_flow() or "")
            if saved is not None:
                yield from _services(saved.graph, spec, f"{place}/")


def _module(node_id: str, node: NodeSpec, spec: FlowSpec, given: dict[str, Any]) -> Module:
    from flowloft.modules.flow import FlowModule  # noqa: PLC0415 - it is made of parts, and they of it
    from flowloft.modules.server import ServerModule  # noqa: PLC0415
    from flowloft.modules.web import WebModule  # noqa: PLC0415

    kind = KINDS.get(node.kind)
    settings: Any = kind.model_validate(node.settings)
    name = node.title or node_id
    if kind.service == "model":
        return _model(settings, name)
    inside = FlowModule(_alone(node_id, node, spec), name=name, **given)
    if kind.service == "page":
        return WebModule(inside, port=settings.port, name=settings.name or name)
    return ServerModule(inside, timeout=settings.timeout, name=name)


def _model(settings: Any, name: str) -> Module:
    from flowloft.modules.trainable import TrainableModule  # noqa: PLC0415 - most flows have none

    module = TrainableModule(settings.base_model, name=name).deploy_method(settings.deploy)
    if settings.trainset:
        wish = {"epochs": settings.epochs, **({"method": settings.method} if settings.method else {})}
        module.trainset(settings.trainset).finetune_method(settings.trainer, **wish)
    return module


def _alone(node_id: str, node: NodeSpec, spec: FlowSpec) -> FlowSpec:
    """Returns the inside of a container as a flow of its own, with the inputs of the container."""
    ports = ["value", *(one["name"] for one in node.settings.get("carried", []))]  # type: ignore[index, call-overload, union-attr]
    container = NodeSpec(
        kind=IN_PLACE, settings={"carried": node.settings.get("carried", [])}, body=node.body
    )
    nodes = {node_id: container}
    edges = {}
    for number, port in enumerate(ports, 1):
        given = f"{node_id}-{number}"
        nodes[given] = NodeSpec(kind="input", settings={"name": port, "type": "any", "required": False})
        edges[f"e{number}"] = EdgeSpec(source=given, source_port="output", target=node_id, target_port=port)
    nodes[f"{node_id}-output"] = NodeSpec(kind="output", settings={"name": "output"})
    edges["e0"] = EdgeSpec(
        source=node_id, source_port="output", target=f"{node_id}-output", target_port="value"
    )
    return FlowSpec(graph=GraphSpec(nodes=nodes, edges=edges), flows=spec.flows)


def _connection(part: Module) -> Connection | None:
    from flowloft.modules.server import ServerModule  # noqa: PLC0415

    if isinstance(part, ServerModule):
        return Connection("", part.name, part.url, part.key)
    asking = getattr(part, "answering", None)
    found = asking() if asking is not None else None
    return found and Connection(found.provider, part.name, found.base_url, found.api_key, found.model)
