"""Steps connected by edges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flowloft.core.errors import FlowError
from flowloft.flow.base import Flow, lower_item
from flowloft.flow.bound import Bind
from flowloft.flow.builder import Builder, Scope, Source
from flowloft.flow.formatter import JsonLike
from flowloft.flow.values import Call, as_arguments, kwargs, package, spreading

START = "__start__"
END = "__end__"


@dataclass
class _In:
    """What arrives at a node along one edge, in the order in which the edges were added."""

    origin: str | None
    constant: Any = None
    formatter: Callable[[Any], Any] | None = None


@dataclass
class _Inputs:
    edges: list[_In] = field(default_factory=list)
    arg_names: list[str] | None = None


class Graph(Flow):
    """Named steps and the edges between them, from ``"__start__"`` to ``"__end__"``.

    A step with several edges gets what they bring as its arguments, in the order of the edges.

    Example:
        >>> with graph() as g:
        ...     g.inc = lambda x: x + 1
        ...     g.add = lambda x, y: x + y
        >>> g.add_edge("__start__", ["inc", "add"])
        >>> g.add_edge("inc", "add")
        >>> g.add_edge("add", "__end__")
        >>> g(1)
        3
    """

    def __init__(self, *, post_action: Any = None, **named: Any) -> None:
        self._edges: dict[str, _Inputs] = {}
        super().__init__(post_action=post_action, **named)

    def add_edge(self, origin: Any, target: Any, formatter: Any = None) -> None:
        """Connects steps, by name; lists of names connect each.

        Args:
            formatter: Changes what passes: a function, or the rule of a :class:`JsonLike`.
        """
        for one_origin in origin if isinstance(origin, (list, tuple)) else [origin]:
            for one_target in target if isinstance(target, (list, tuple)) else [target]:
                inputs = self._inputs(one_target)
                self._check(one_origin, {START})
                if any(edge.origin == one_origin for edge in inputs.edges):
                    raise FlowError(
                        f"There are two edges from “{one_origin}” to “{one_target}”.",
                        code="duplicate_edge",
                        hint="One edge carries the value; take the other out.",
                    )
                rule = JsonLike(formatter) if isinstance(formatter, str) else formatter
                inputs.edges.append(_In(one_origin, formatter=rule))

    def add_const_edge(self, constant: Any, target: Any) -> None:
        """Gives a step, or each of several, a value that never changes."""
        for one_target in target if isinstance(target, (list, tuple)) else [target]:
            self._inputs(one_target).edges.append(_In(None, constant))

    def set_node_arg_name(self, arg_names: list[list[str] | None]) -> None:
        """Passes what the edges bring to a step by these names; one list, or None, for each step."""
        for name, names in zip(self.names, arg_names, strict=False):
            if name is not None:
                self._inputs(name).arg_names = names

    def _inputs(self, target: str) -> _Inputs:
        self._check(target, {END})
        self._plans.clear()
        return self._edges.setdefault(target, _Inputs())

    def _check(self, name: str, also: set[str]) -> None:
        if name not in self.names and name not in also:
            raise FlowError(
                f"The graph has no step called “{name}”.",
                code="unknown_node",
                hint=f"There are: {', '.join(str(one) for one in self.names)}.",
            )

    def _lower(self, builder: Builder, source: Source, scope: Scope | None, name: str) -> Source:
        order = self._order()
        leading = self._leading()
        sources: dict[str, Source] = {START: source}
        for node in order:
            label = f"{name}.{node}" if name else node
            before = len(builder.steps)
            item = self.items[self.names.index(node)]
            sources[node] = self._lower_node(node, item, builder, sources, scope, label)
            if self.compat and node not in leading:
                for step in builder.steps[before:]:
                    step.on_error = "default"
        if END not in self._edges:
            raise FlowError(
                "Nothing leads to the end of the graph.",
                code="no_result",
                hint='Add an edge to "__end__".',
            )
        label = f"{name}.end" if name else "end"
        return self._lower_node(END, self._end, builder, sources, scope, label)

    def _end(self, *values: Any, **named: Any) -> Any:
        if named and not values:
            return kwargs(named)
        return values[0] if len(values) == 1 else package.of(values)

    def _lower_node(
        self,
        node: str,
        item: Any,
        builder: Builder,
        sources: dict[str, Source],
        scope: Scope | None,
        label: str,
    ) -> Source:
        inputs = self._edges.get(node, _Inputs())
        reads = {edge.origin: sources[edge.origin] for edge in inputs.edges if edge.origin is not None}
        if len(inputs.edges) == 1 and reads and inputs.arg_names is None:
            (edge,) = inputs.edges
            (only,) = reads.values()
            if edge.formatter is None and node == END and not self.compat:
                return only
            if edge.formatter is None:
                return lower_item(item, builder, only, scope, label)
        arguments = _gathering(inputs)
        if isinstance(item, (Flow, Bind)):
            settled = builder.step(f"{label}_arguments", arguments, reads, quick=True)[0]
            builder.calls.add(settled)
            return lower_item(item, builder, settled, scope, label)
        call = spreading(item)
        return builder.step(label, lambda **found: call(arguments(**found)), reads)[0]

    def _order(self) -> list[str]:
        """Returns the steps that have edges, each after those it gets values from."""
        feeds = {edge.origin for inputs in self._edges.values() for edge in inputs.edges}
        waiting = [str(name) for name in self.names if name in self._edges or name in feeds]
        order: list[str] = []
        known = {START}
        while waiting:
            ready = [node for node in waiting if self._origins(node) <= known]
            if not ready:
                raise FlowError(
                    f"Graph has a cycle among: {', '.join(waiting)}.",
                    code="cycle",
                    hint="Take one of the edges out; to repeat steps, use a loop.",
                )
            order += ready
            known.update(ready)
            waiting = [node for node in waiting if node not in known]
        return order

    def _origins(self, node: str) -> set[str]:
        edges = self._edges.get(node, _Inputs()).edges
        return {edge.origin for edge in edges if edge.origin is not None}

    def _leading(self) -> set[str]:
        """Returns the steps that the end depends on."""
        found: set[str] = set()
        waiting = [END]
        while waiting:
            for edge in self._edges.get(waiting.pop(), _Inputs()).edges:
                if edge.origin is not None and edge.origin not in found:
                    found.add(edge.origin)
                    waiting.append(edge.origin)
        return found


def _gathering(inputs: _Inputs) -> Callable[..., Any]:
    """Returns what makes one call out of what all edges bring."""

    def gather(**found: Any) -> Any:
        args: list[Any] = []
        named: dict[str, Any] = {}
        for edge in inputs.edges:
            value = edge.constant if edge.origin is None else found[edge.origin]
            if edge.formatter is not None:
                value = edge.formatter(value.value if type(value) is Call else value)
            more, by_name = as_arguments(value)
            args += more
            named |= by_name
        if inputs.arg_names:
            named |= dict(zip(inputs.arg_names, args, strict=False))
            args = []
        if not named:
            return package.of(args)
        return Call(package.of(args), named)

    return gather


graph = Graph
