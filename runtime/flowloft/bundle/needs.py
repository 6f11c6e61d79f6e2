"""What a flow points at outside itself: models, other flows, knowledge bases, datasets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flowloft.core.errors import FlowError
from flowloft.core.knowledge import BUNDLED
from flowloft.core.registry import KINDS
from flowloft.core.spec import FlowSpec, GraphSpec, Requirements

BY_CONNECTION = frozenset({"model", "secret_reference"})
"""Widgets whose settings begin with the name of a connection."""
OUTSIDE = BY_CONNECTION | {"flow", "flow_version", "knowledge_base", "dataset"}
"""Widgets (``x-widget``) whose settings name something that is not in the document."""
BUILTIN = "builtin"


@dataclass(frozen=True)
class Reference:
    """One place where a flow points outside.

    Attributes:
        widget: What it points at, one of :data:`OUTSIDE`.
        value: As it stands in the setting.
        path: JSON pointer to the setting.
        node_id: Whose setting it is.
        beside: The settings that it stands among.
    """

    widget: str
    value: str
    path: str
    node_id: str
    beside: dict[str, Any]


def references(spec: FlowSpec) -> list[Reference]:
    """Returns every reference of a flow and of those that it holds, in the order of their nodes; disabled
    nodes count too."""
    found: list[Reference] = []

    def note(reference: Reference) -> str:
        found.append(reference)
        return reference.value

    rewrite(spec, note)
    return found


def rewrite(spec: FlowSpec, change: Callable[[Reference], str]) -> FlowSpec:
    """Returns a copy in which every reference is what ``change`` returns for it."""
    copy = spec.model_copy(deep=True)
    for graph, place in _all_graphs(copy):
        for node_id, node in sorted(graph.nodes.items()):
            schema = _schema(node.kind)
            if schema is None:
                continue
            walk = _Walk(schema.get("$defs", {}), node_id, change)
            node.settings = walk.value(node.settings, schema, f"{place}/nodes/{node_id}/settings")
    return copy


def requirements(specs: list[FlowSpec]) -> Requirements:
    """Returns what flows need to run elsewhere: kinds with their versions, models, and the logical
    names of credentials, which are the connections that models and keys are named by."""
    kinds: dict[str, int] = {}
    models: set[str] = set()
    connected: set[str] = set()
    for spec in specs:
        for kind in kinds_of(spec):
            kinds[kind] = KINDS.get(kind).version if kind in KINDS else 0
        named = [one for one in references(_filled(spec)) if one.widget in BY_CONNECTION and one.value]
        models.update(one.value for one in named if one.widget == "model")
        connected.update(one.value for one in named)
    names = {ref.partition("/")[0] for ref in connected if "/" in ref} - {BUILTIN}
    return Requirements(kinds=dict(sorted(kinds.items())), models=sorted(models), credentials=sorted(names))


def _filled(spec: FlowSpec) -> FlowSpec:
    """Returns a copy in which models that nobody chose stand as the defaults that will be asked."""
    copy = spec.model_copy(deep=True)
    for graph, _ in _all_graphs(copy):
        for node in graph.nodes.values():
            fields = (_schema(node.kind) or {}).get("properties", {})
            chosen = {name: field["default"] for name, field in fields.items() if "default" in field}
            chosen |= node.settings
            for name, field in fields.items():
                if field.get("x-widget") in BY_CONNECTION and _matters(field, chosen):
                    node.settings.setdefault(name, chosen.get(name))
    return copy


def _matters(field: dict[str, Any], chosen: dict[str, Any]) -> bool:
    wanted = field.get("x-visible-when", {}).items()
    return all(chosen.get(name) in (one if isinstance(one, list) else [one]) for name, one in wanted)


def kinds_of(spec: FlowSpec) -> set[str]:
    """Returns the kinds of all nodes."""
    return {node.kind for graph, _ in _all_graphs(spec) for node in graph.nodes.values()}


def kind_places(spec: FlowSpec) -> dict[str, str]:
    """Returns for each kind the JSON pointer of the first node that has it."""
    found: dict[str, str] = {}
    for graph, place in _all_graphs(spec):
        for node_id, node in sorted(graph.nodes.items()):
            found.setdefault(node.kind, f"{place}/nodes/{node_id}/kind")
    return found


def _all_graphs(spec: FlowSpec) -> Iterator[tuple[GraphSpec, str]]:
    yield from _graphs(spec.graph, "/graph")
    for ref, saved in sorted(spec.flows.items()):
        yield from _graphs(saved.graph, f"/flows/{ref}/graph")


def _graphs(graph: GraphSpec, place: str) -> Iterator[tuple[GraphSpec, str]]:
    yield graph, place
    for node_id, node in sorted(graph.nodes.items()):
        if node.body is not None:
            yield from _graphs(node.body, f"{place}/nodes/{node_id}/body")


def _schema(kind: str) -> dict[str, Any] | None:
    try:
        return KINDS.get(kind).model_json_schema()
    except FlowError:
        return None


class _Walk:
    """Goes through the settings of one node along their schema."""

    def __init__(self, defined: dict[str, Any], node_id: str, change: Callable[[Reference], str]) -> None:
        self._defined = defined
        self._node_id = node_id
        self._change = change

    def value(
        self,
        value: Any,
        schema: dict[str, Any],
        path: str,
        widget: str = "",
        beside: dict[str, Any] | None = None,
    ) -> Any:
        """Returns the value with its references changed."""
        if "$ref" in schema:
            schema = {**self._defined.get(schema["$ref"].rpartition("/")[2], {}), **schema}
        widget = schema.get("x-widget", widget)
        if isinstance(value, str):
            if widget in OUTSIDE and value and not value.startswith(BUNDLED):
                return self._change(Reference(widget, value, path, self._node_id, beside or {}))
            return value
        fitting = "array" if isinstance(value, list) else "object"
        for choice in schema.get("anyOf", []):
            if choice.get("type", "object") == fitting:
                return self.value(value, choice, path, widget, beside)
        if isinstance(value, list):
            items = schema.get("items") or {}
            return [self.value(one, items, f"{path}/{at}", widget, beside) for at, one in enumerate(value)]
        if isinstance(value, dict):
            fields = schema.get("properties", {})
            return {
                name: self.value(one, fields.get(name, {}), f"{path}/{name}", beside=value)
                for name, one in value.items()
            }
        return value
