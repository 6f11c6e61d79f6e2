"""A flow document, written in Python: each node is a call, each edge an argument.

    flow = Drawing()
    ask = flow.chat_input()
    words = flow.prompt(template="Say {what}", what=ask.text)
    with flow.loop(times=3, initial=words) as again:
        begin = flow.body_input()
        flow.body_output(value=begin.value)
    flow.chat_output(text=again)

Calling a kind draws a node and runs nothing; the flow runs by :meth:`Drawing.main` or ``run``.
"""

from __future__ import annotations

from typing import Any

from flowloft.codegen.console import main
from flowloft.core.context import Context
from flowloft.core.errors import FlowError
from flowloft.core.spec import SCHEMA_NAME, SCHEMA_VERSION
from flowloft.engine import Outcome, compile_flow, run_plan

Document = dict[str, Any]

NODE_FIELDS = ("title", "policy", "disabled", "wired")
"""Arguments of every kind that are fields of the node and no settings."""


class Output:
    """An output port, to be given to an input of another node."""

    def __init__(self, node_id: str, port: str) -> None:
        self.node_id = node_id
        self.port = port


class Drawn:
    """A node that was drawn. ``node.port`` and ``node["port"]`` are its outputs; the node itself
    stands for its port ``output``. A container is opened by ``with``, to draw what is inside."""

    def __init__(self, drawing: Drawing, node_id: str) -> None:
        self._drawing = drawing
        self.node_id = node_id

    def __getattr__(self, port: str) -> Output:
        if port.startswith("__"):
            raise AttributeError(port)
        return Output(self.node_id, port)

    def __getitem__(self, port: str) -> Output:
        return Output(self.node_id, port)

    def __enter__(self) -> Drawn:
        self._drawing.open(self.node_id)
        return self

    def __exit__(self, *_: object) -> None:
        self._drawing.close()


class Drawing:
    """A flow document under construction."""

    def __init__(self) -> None:
        graph: Document = {"nodes": {}, "edges": {}}
        self._document: Document = {
            "schema": SCHEMA_NAME,
            "schema_version": SCHEMA_VERSION,
            "kind": "flow",
            "graph": graph,
            "ui": {"positions": {}, "groups": {}},
            "requirements": {"kinds": {}, "models": [], "credentials": []},
        }
        self._open: list[Document] = [graph]
        self._edges: list[tuple[Document, str]] = []
        self._nodes: dict[str, Document] = {}

    def __getattr__(self, kind: str) -> Any:
        if kind.startswith("_"):
            raise AttributeError(kind)

        def draw(**given: Any) -> Drawn:
            return self.node(kind, **given)

        return draw

    def node(
        self,
        kind: str,
        *,
        id: str | None = None,
        settings: Document | None = None,
        inputs: dict[str, Any] | None = None,
        **given: Any,
    ) -> Drawn:
        """Draws a node.

        Args:
            kind: Key of the kind.
            id: By default the kind with a number.
            settings: Those that can't be written as arguments, because an input has the same name.
            inputs: The same for inputs whose name is no Python name.
            given: Outputs of other nodes are edges to the input of that name, a list of them several
                edges; ``title``, ``policy``, ``disabled`` and ``wired`` belong to the node; the rest are
                settings.
        """
        node_id = id if id is not None else self._free_id(kind)
        if node_id in self._nodes:
            raise FlowError(
                f"Two nodes are called “{node_id}”.", code="duplicate_id", hint="Give each its own id."
            )
        wires = dict(inputs or {})
        node: Document = {"kind": kind, "settings": dict(settings or {})}
        for name, value in given.items():
            if _is_wired(value):
                wires[name] = value
            elif name in NODE_FIELDS:
                node[name] = value
            else:
                node["settings"][name] = value
        self._open[-1]["nodes"][node_id] = self._nodes[node_id] = node
        for port, value in wires.items():
            for output in value if isinstance(value, list) else [value]:
                source = output if isinstance(output, Output) else Output(output.node_id, "output")
                self.connect(source.node_id, source.port, node_id, port)
        return Drawn(self, node_id)

    def connect(self, source: str, source_port: str, target: str, target_port: str) -> None:
        """Draws an edge by names, for edges that can't be written as an argument."""
        edges = self._open[-1]["edges"]
        edge_id = f"e{len(edges) + 1}"
        edges[edge_id] = {
            "source": source,
            "source_port": source_port,
            "target": target,
            "target_port": target_port,
        }
        self._edges.append((edges, edge_id))

    def open(self, node_id: str) -> None:
        """Lets what is drawn from now on stand inside a container; see ``with``."""
        body = self._nodes[node_id].setdefault("body", {"nodes": {}, "edges": {}})
        self._open.append(body)

    def close(self) -> None:
        """Ends :meth:`open`."""
        self._open.pop()

    def layout(
        self,
        *,
        positions: dict[str, list[float]] | None = None,
        groups: Document | None = None,
        edge_ids: list[str] | None = None,
    ) -> None:
        """Says how the flow is drawn; it changes nothing about what it does.

        Args:
            positions: ``[x, y]`` or ``[x, y, width, height]`` in canvas pixels, by node id.
            groups: Frames around nodes, as in the document.
            edge_ids: In the order in which the edges were drawn, if they are not e1, e2, ...
        """
        sides = ("x", "y", "width", "height")
        for node_id, place in (positions or {}).items():
            self._document["ui"]["positions"][node_id] = dict(zip(sides, place, strict=False))
        self._document["ui"]["groups"].update(groups or {})
        if edge_ids is None:
            return
        drawn = [(edges, edges.pop(edge_id)) for edges, edge_id in self._edges]
        for (edges, edge), edge_id in zip(drawn, edge_ids, strict=True):
            edges[edge_id] = edge

    def requires(
        self,
        *,
        kinds: dict[str, int] | None = None,
        models: list[str] | None = None,
        credentials: list[str] | None = None,
    ) -> None:
        """Says what the flow needs elsewhere, by logical name."""
        self._document["requirements"] = {
            "kinds": kinds or {},
            "models": models or [],
            "credentials": credentials or [],
        }

    def keeps(self, flows: Document) -> None:
        """Holds the saved flows that nodes of this one run, by ``<id>@<version>``."""
        self._document["flows"] = flows

    def document(self) -> Document:
        """Returns the flow document."""
        return self._document

    def run(self, inputs: Document | None = None, context: Context | None = None) -> Outcome:
        """Runs the flow here.

        Raises:
            FlowError: ``flow_has_errors``: it does not compile; the message is the first finding.
        """
        compiled = compile_flow(self._document)
        if compiled.plan is None:
            first = compiled.findings[0]
            raise FlowError(first.message, code="flow_has_errors", hint=first.hint, node_id=first.node_id)
        return run_plan(compiled.plan, inputs, context)

    def main(self) -> None:
        """Runs the flow with what stands on the command line, and exits."""
        raise SystemExit(main(self._document))

    def _free_id(self, kind: str) -> str:
        stem = kind.replace(".", "_")
        number = 1
        while f"{stem}_{number}" in self._nodes:
            number += 1
        return f"{stem}_{number}"


def _is_wired(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(one, (Output, Drawn)) for one in value)
    return isinstance(value, (Output, Drawn))
