"""A flow document as Python source: readable, the same for the same flow, with no secret in it."""

from __future__ import annotations

import keyword
from typing import Any

from flowloft.codegen.literals import call, literal, named
from flowloft.core.spec import FlowSpec, GraphSpec, NodeSpec
from flowloft.engine.compile.saved import flow_ports
from flowloft.engine.compile.upgrade import upgrade
from flowloft.engine.compile.wiring import by_number

RESERVED = frozenset(
    {
        "flow",
        "Drawing",
        "node",
        "connect",
        "open",
        "close",
        "layout",
        "requires",
        "keeps",
        "document",
        "run",
        "main",
    }
)
"""Names that mean something else in the source, as a variable or as a method of the drawing."""

TAKEN = frozenset({"id", "settings", "inputs", "title", "policy", "disabled", "wired", "kind", "self"})
"""Arguments that every kind has, and that can't be settings or inputs by that name."""


def write_source(document: dict[str, Any] | FlowSpec, *, title: str = "Flow") -> str:
    """Writes a flow as one Python file that runs by ``python flow.py "input"``.

    Args:
        title: First line of the file's docstring.
    """
    spec = document if isinstance(document, FlowSpec) else FlowSpec.model_validate(upgrade(document))
    writer = _Writer()
    body = writer.graph(spec.graph, 0)
    heading = title.replace("\\", "\\\\").replace('"', "'").splitlines()[0] if title.strip() else "Flow"
    parts = [
        f'"""{heading}',
        "",
        f"Run it: python flow.py{example_call(spec)}",
        '"""',
        "",
        "from flowloft.codegen import Drawing",
        "",
        "flow = Drawing()",
        "",
        *body,
        *_trailer(spec, writer.edge_ids),
        "",
        'if __name__ == "__main__":',
        "    flow.main()",
        "",
    ]
    return "\n".join(parts)


def example_call(spec: FlowSpec) -> str:
    """Returns what stands behind ``python flow.py`` for what the flow takes, with a space before it."""
    takes, _ = flow_ports(spec.graph)
    if any(port.name == "text" for port in takes):
        return ' "what you say to it"'
    return "".join(f" --input {port.name}=..." for port in takes if port.required)


class _Writer:
    def __init__(self) -> None:
        self.edge_ids: list[tuple[str, str]] = []
        """Of each edge, in the order in which the source draws them: its id, and the one it would get."""
        self._names: dict[str, str] = {}

    def graph(self, graph: GraphSpec, depth: int) -> list[str]:
        """Returns the lines that draw a graph."""
        lines: list[str] = []
        edges = sorted(graph.edges, key=by_number)
        order = _order(graph)
        drawn: list[str] = []
        written: set[str] = set()
        for node_id in order:
            arguments: dict[str, list[str]] = {}
            for edge_id in edges:
                edge = graph.edges[edge_id]
                if edge.target == node_id and edge.source in drawn:
                    arguments.setdefault(edge.target_port, []).append(edge_id)
            ends = {
                port: [self._output(graph, edge_id) for edge_id in edge_ids]
                for port, edge_ids in arguments.items()
            }
            lines += self._node(node_id, graph.nodes[node_id], ends, depth)
            # Those that can't be arguments come first: so does ``inputs`` when the node is drawn.
            for port in sorted(arguments, key=_is_argument):
                for edge_id in arguments[port]:
                    self._note(edge_id, written)
            drawn.append(node_id)
            body = graph.nodes[node_id].body
            if body is not None:
                lines += self._body(node_id, body, depth)
        for edge_id in edges:
            if edge_id not in written:
                edge = graph.edges[edge_id]
                ends_of = [edge.source, edge.source_port, edge.target, edge.target_port]
                lines.append(call("flow.connect", [literal(end) for end in ends_of], depth))
                self._note(edge_id, written)
        return lines

    def _note(self, edge_id: str, written: set[str]) -> None:
        written.add(edge_id)
        self.edge_ids.append((edge_id, f"e{len(written)}"))

    def _body(self, node_id: str, body: GraphSpec, depth: int) -> list[str]:
        lines = [f"{'    ' * depth}with {self._names[node_id]}:"]
        inside = self.graph(body, depth + 1)
        return [*lines, *(inside or [f"{'    ' * (depth + 1)}pass"])]

    def _node(self, node_id: str, node: NodeSpec, ends: dict[str, list[str]], depth: int) -> list[str]:
        name = self._name(node_id)
        arguments: list[str] = []
        function = f"flow.{node.kind}"
        if not node.kind.isidentifier() or keyword.iskeyword(node.kind) or node.kind in RESERVED:
            function = "flow.node"
            arguments.append(literal(node.kind))
        arguments.append(named("id", node_id, depth + 1))
        arguments += _fields(node)
        plain = {key: value for key, value in node.settings.items() if _is_argument(key) and key not in ends}
        rest = {key: value for key, value in node.settings.items() if key not in plain}
        arguments += [named(key, value, depth + 1) for key, value in plain.items()]
        if rest:
            arguments.append(named("settings", rest, depth + 1))
        wired = {
            port: found[0] if len(found) == 1 else f"[{', '.join(found)}]" for port, found in ends.items()
        }
        arguments += [f"{port}={value}" for port, value in wired.items() if _is_argument(port)]
        odd = {port: value for port, value in wired.items() if not _is_argument(port)}
        if odd:
            entries = ", ".join(f"{literal(port)}: {value}" for port, value in odd.items())
            arguments.append(f"inputs={{{entries}}}")
        return [f"{'    ' * depth}{name} = {call(function, arguments, depth).lstrip()}"]

    def _output(self, graph: GraphSpec, edge_id: str) -> str:
        edge = graph.edges[edge_id]
        name, port = self._names[edge.source], edge.source_port
        if port == "output":
            return name
        plain = port.isidentifier() and not keyword.iskeyword(port) and port != "node_id"
        return f"{name}.{port}" if plain and not port.startswith("_") else f"{name}[{literal(port)}]"

    def _name(self, node_id: str) -> str:
        name = node_id.replace("-", "_")
        while name in RESERVED or keyword.iskeyword(name) or name in self._names.values():
            name += "_"
        self._names[node_id] = name
        return name


def _is_argument(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name) and name not in TAKEN


def _fields(node: NodeSpec) -> list[str]:
    fields = []
    if node.title is not None:
        fields.append(named("title", node.title, 1))
    if node.disabled:
        fields.append("disabled=True")
    if node.wired:
        fields.append(named("wired", node.wired, 1))
    policy = node.policy.model_dump(mode="json", exclude_defaults=True)
    if policy:
        fields.append(named("policy", policy, 1))
    return fields


def _order(graph: GraphSpec) -> list[str]:
    """Returns the nodes such that each stands after those it reads, as far as that is possible."""
    reads: dict[str, set[str]] = {node_id: set() for node_id in graph.nodes}
    for edge in graph.edges.values():
        if edge.target in reads and edge.source in reads and edge.source != edge.target:
            reads[edge.target].add(edge.source)
    order: dict[str, None] = {}
    waiting = list(graph.nodes)
    while waiting:
        ready = [node_id for node_id in waiting if reads[node_id] <= order.keys()] or waiting[:1]
        order.update(dict.fromkeys(ready))
        waiting = [node_id for node_id in waiting if node_id not in order]
    return list(order)


def _trailer(spec: FlowSpec, edge_ids: list[tuple[str, str]]) -> list[str]:
    """Returns the lines about what is drawn where, and what is needed."""
    document = spec.document()
    arguments = []
    positions = {
        node_id: [place[side] for side in ("x", "y", "width", "height") if side in place]
        for node_id, place in document["ui"]["positions"].items()
    }
    if positions:
        arguments.append(named("positions", positions, 1))
    if document["ui"]["groups"]:
        arguments.append(named("groups", document["ui"]["groups"], 1))
    if any(edge_id != default for edge_id, default in edge_ids):
        arguments.append(named("edge_ids", [edge_id for edge_id, _ in edge_ids], 1))
    lines = ["", call("flow.layout", arguments, 0)] if arguments else []
    needs = {name: value for name, value in document["requirements"].items() if value}
    if needs:
        needed = [named(name, value, 1) for name, value in needs.items()]
        lines.append(call("flow.requires", needed, 0))
    if "flows" in document:
        lines.append(call("flow.keeps", [literal(document["flows"], 1)], 0))
    return lines
