"""The inside of an agent: each node is a tool by itself, a graph of one step."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

from flowloft.core.context import Context
from flowloft.core.findings import has_errors
from flowloft.core.node import Node, Port
from flowloft.core.plan import ARGUMENTS, Graph, Handle, Step, Toolbox, Values
from flowloft.core.spec import GraphSpec
from flowloft.core.tool import Tool, distinct
from flowloft.core.types import PortType, conversion
from flowloft.engine.compile.link import step_of
from flowloft.engine.compile.placed import Placed
from flowloft.engine.compile.scope import Scope
from flowloft.engine.compile.wiring import Source, runs
from flowloft.engine.graph import finish

ASK = "ask"
"""Method of the owner that asks its model, and the end of the id of that step."""
_GIVEN = 1
"""Slot of what a tool is called with."""


def tool_graph(owner: Placed, placed: dict[str, Placed], spec: GraphSpec, scope: Scope) -> Graph:
    """Returns the steps of the tools with the way to run each; an empty graph where there are errors."""
    tools = [node for node in placed.values() if runs(node)]
    _check(owner, tools, spec, scope)
    if owner.node is None or has_errors(scope.findings):
        return Graph(toolbox=Toolbox((), Graph()))
    names: list[str] = []
    handles = []
    for one in tools:
        name = distinct(one.spec.title or one.node_id, one.node_id, names.__contains__)
        names.append(name)
        handles.append(_handle(one, name))
    ask = _alone(_asking(owner.node_id, owner.spec.kind, owner.node), {"output": 2})
    steps = tuple(step for graph in (*(one.graph for one in handles), ask) for step in graph.steps)
    return Graph(steps=steps, toolbox=Toolbox(tuple(handles), ask))


def _check(owner: Placed, tools: list[Placed], spec: GraphSpec, scope: Scope) -> None:
    path = f"{owner.path}/body"
    for edge_id, edge in spec.edges.items():
        scope.tell(
            "tools_wired",
            "Tools stand each by itself: nothing goes along a wire between them.",
            "Delete the wire. Steps that belong together are one tool as a saved flow: a Subflow node.",
            node_id=edge.target if edge.target in spec.nodes else owner.node_id,
            path=f"{path}/edges/{edge_id}",
        )
    for one in tools:
        if one.node is not None and one.node.role != "node":
            scope.tell(
                "not_a_tool",
                f"“{one.node.title}” can't be a tool.",
                "Take it out of the agent. A tool takes its inputs from the model and gives its result back.",
                node_id=one.node_id,
                path=one.path,
            )
    if not tools:
        scope.tell(
            "no_tools",
            "The agent has no tools, so it only talks.",
            "Drop nodes into it: a function, a request, a knowledge retriever, a saved flow.",
            level="warning",
            node_id=owner.node_id,
            path=owner.path,
        )


def _handle(placed: Placed, name: str) -> Handle:
    node = placed.node
    if node is None:
        raise AssertionError("a graph with errors is not linked")
    slots = {port: number for number, port in enumerate(placed.outputs, start=_GIVEN + 1)}
    sources = {Source(placed.node_id, port): slot for port, slot in slots.items()}
    graph = _alone(step_of(placed, {}, sources, {}, {placed.node_id: placed}), slots)
    own = Tool(name, node.about(), node.parameters(list(placed.inputs.values())))
    converted = {port.name: how for port in placed.inputs.values() if (how := _conversion(port)) is not None}
    return Handle(
        graph, name, functools.partial(_tools, node, own), functools.partial(_inputs, node, converted)
    )


def _tools(node: Node, own: Tool, ctx: Context) -> list[Tool]:
    found = node.offers(ctx)
    return [own] if found is None else found


def _inputs(node: Node, converted: dict[str, Any], name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    if type(node).offers is not Node.offers:
        return {"tool": name, "arguments": arguments}
    return {port: converted[port](value) if port in converted else value for port, value in arguments.items()}


def _conversion(port: Port) -> Any:
    """Returns what makes messages of the text that the model writes for them."""
    return conversion(PortType.TEXT, port.type)


def _asking(node_id: str, kind: str, node: Node) -> Step:
    return Step(
        node_id=f"{node_id}.{ASK}",
        kind=kind,
        call=getattr(node, ASK),
        gather=_given,
        slots=(_GIVEN + 1,),
        context_as="ctx",
        effect=node.effect(),
    )


def _alone(step: Step, slots: dict[str, int]) -> Graph:
    """Returns a graph of one step that takes what the graph is given, and gives all that it gives."""
    step.gather, step.lead = _given, None
    graph = finish([step], len(slots) + _GIVEN + 1, lambda one, other: True)
    results = tuple((port, (slot,)) for port, slot in slots.items())
    return replace(graph, given=((ARGUMENTS, _GIVEN),), results=results)


def _given(values: Values) -> dict[str, Any] | None:
    found: dict[str, Any] = values[_GIVEN]
    return found
