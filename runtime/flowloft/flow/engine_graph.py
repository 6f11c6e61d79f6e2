"""Reads LazyLLM's own engine graph, its nodes, edges and resources as JSON, as a flow.

Kinds: Code, Constant, Ifs, Switch, Warp, Loop, JoinFormatter, Formatter (json).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

from flowloft.core.errors import FlowError
from flowloft.core.source import literal
from flowloft.flow.base import Flow
from flowloft.flow.branches import Warp
from flowloft.flow.choice import DEFAULT, Ifs, Switch
from flowloft.flow.dag import END, START, Graph
from flowloft.flow.formatter import JsonLike
from flowloft.flow.post import post_process
from flowloft.flow.series import Loop, Pipeline

Compile = Callable[[str], Callable[..., Any]]
"""Turns the source of a function into the function. Whoever gives one decides where code runs."""

Described = Mapping[str, Any]


def engine_graph(
    nodes: list[dict[str, Any]],
    edges: list[dict[str, Any]] | None,
    resources: list[dict[str, Any]] | None = None,
    *,
    code: Compile | None = None,
) -> Flow:
    """Makes a flow of an engine graph.

    Args:
        nodes: ``{"id", "kind", "name", "args"}``.
        edges: ``{"iid", "oid", "formatter"?, "constant"?}`` by node id; None chains the nodes.
        resources: Must be empty: what they describe belongs to the studio's settings.
        code: Makes functions of the source in Code nodes and conditions; without it they are refused.

    Raises:
        FlowError: ``unknown_kind``, ``code_not_allowed``, ``cycle``, ...
    """
    if resources:
        raise FlowError(
            "The graph brings resources, which are not read.",
            code="unsupported_resources",
            hint="Set models and documents up in the studio, and import the nodes and edges alone.",
        )
    return _Reader(code).graph(nodes, edges)


class _Reader:
    def __init__(self, code: Compile | None) -> None:
        self._code = code

    def graph(self, nodes: list[dict[str, Any]], edges: list[dict[str, Any]] | None) -> Graph:
        """Reads nodes and edges; steps are called by their ids."""
        flow = Graph()
        for node in nodes:
            flow.add(str(node["id"]), self._node(node))
        names = [str(node["id"]) for node in nodes]
        if not edges:
            chain = [START, *names, END]
            for origin, target in itertools.pairwise(chain):
                flow.add_edge(origin, target)
            return flow
        for edge in edges:
            if "constant" in edge:
                flow.add_const_edge(edge["constant"], str(edge["oid"]))
            else:
                flow.add_edge(str(edge["iid"]), str(edge["oid"]), edge.get("formatter"))
        flow.set_node_arg_name([_arg_names(node) for node in nodes])
        return flow

    def _node(self, node: Described) -> Any:
        readers: dict[str, Callable[[Any], Any]] = {
            "Code": lambda args: self._function(args["code"]),
            "Constant": lambda args: lambda *values, **named: args,
            "Ifs": self._ifs,
            "Switch": self._switch,
            "Warp": self._warp,
            "Loop": self._loop,
            "JoinFormatter": _joining,
            "Formatter": _formatting,
        }
        kind = str(node.get("kind"))
        if kind not in readers:
            raise FlowError(
                f"There is no kind of node called “{kind}”.",
                code="unknown_kind",
                hint=f"There are: {', '.join(readers)}.",
                node_id=str(node.get("id")),
            )
        made = readers[kind](node.get("args") or {})
        name = str(node.get("name") or node["id"])
        return made if isinstance(made, Flow) or not callable(made) else _Named(made, name)

    def _function(self, source: str) -> Callable[..., Any]:
        if self._code is None:
            raise FlowError(
                "The graph holds code, and nothing was given to run it with.",
                code="code_not_allowed",
                hint="Look at the code, and give `code`: what makes a function of such a source.",
            )
        return self._code(source)

    def _ifs(self, args: Described) -> Flow:
        return Ifs(self._function(args["cond"]), self._steps(args["true"]), self._steps(args["false"]))

    def _switch(self, args: Described) -> Flow:
        conversion = args.get("conversion")
        cases = args["nodes"]
        flow = Switch(
            judge_on_full_input=args.get("judge_on_full_input", True),
            conversion=self._function(conversion) if conversion else None,
        )
        for key, nodes in sorted(cases.items(), key=lambda case: case[0] == DEFAULT):
            flow.add_case(key if DEFAULT in cases else _spelled(key), self._steps(nodes))
        return flow

    def _warp(self, args: Described) -> Flow:
        inner = self.graph(args["nodes"], args.get("edges"))
        flags = args.get("batch_flags")
        return _Batched(inner, flags) if flags and any(flags) else Warp(inner)

    def _loop(self, args: Described) -> Flow:
        inner = self.graph(args["nodes"], args.get("edges"))
        options: dict[str, Any] = {
            name: args[name] for name in ("count", "judge_on_full_input") if args.get(name) is not None
        }
        if args.get("stop_condition"):
            options["stop_condition"] = self._function(args["stop_condition"])
        return Loop(inner, **options)

    def _steps(self, nodes: list[dict[str, Any]]) -> Flow:
        return Pipeline(*[self._node(node) for node in nodes])


class _Named:
    """A function under the name that its node has."""

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        self._function = function
        self.__name__ = name

    def __call__(self, *args: Any, **named: Any) -> Any:
        return self._function(*args, **named)


class _Batched(Warp):
    """A warp over several lists at once; what is not flagged is the same for every item."""

    def __init__(self, inner: Flow, flags: list[bool]) -> None:
        super().__init__(_spread(inner))
        self._flags = flags

    def _values(self, value: Any) -> list[Any]:
        values = list(value) if isinstance(value, tuple) else [value]
        lengths = [len(one) for one, flag in zip(values, self._flags, strict=True) if flag]
        if len(set(lengths)) > 1 and not self.compat:
            raise FlowError(
                f"The lists have different lengths: {', '.join(map(str, lengths))}.",
                code="values_mismatch",
                hint="Give lists of one length.",
            )
        return [
            tuple(one[index] if flag else one for one, flag in zip(values, self._flags, strict=True))
            for index in range(min(lengths))
        ]


def _spread(inner: Flow) -> Callable[[tuple[Any, ...]], Any]:
    def call(values: tuple[Any, ...]) -> Any:
        return inner(*values)

    return call


def _arg_names(node: Described) -> list[str] | None:
    args = node.get("args")
    return args.get("_lazyllm_arg_names") if isinstance(args, dict) else None


def _spelled(key: Any) -> Any:
    """Returns the number that a key spells: JSON has no numbers as keys. Only where there is no
    default, which would otherwise have taken such a value."""
    try:
        return literal(key) if isinstance(key, str) else key
    except (ValueError, SyntaxError):
        return key


def _joining(args: Described) -> Callable[..., Any]:
    kind = args.get("type", "sum")
    known: dict[str, Callable[..., Any]] = {
        "stack": lambda *values: list(values),
        "to_dict": lambda *values: dict(zip(args.get("names", []), values, strict=True)),
        "sum": lambda *values: post_process("sum", values, [], ""),
        "join": lambda *values: post_process("join", values, [], args.get("symbol") or ""),
    }
    if kind not in known:
        raise FlowError(
            f"A JoinFormatter can't join as “{kind}”.",
            code="unknown_kind",
            hint=f"It can: {', '.join(known)}.",
        )
    return known[kind]


def _formatting(args: Described) -> Callable[..., Any]:
    if args.get("ftype", "json") not in ("json", "python"):
        raise FlowError(
            f"There is no formatter called “{args.get('ftype')}”.",
            code="unknown_kind",
            hint="There are: json, python.",
        )
    return JsonLike(args.get("rule") or "")
