"""A flow without what its owner would not hand to others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from flowloft.core.errors import FlowError
from flowloft.core.registry import KINDS
from flowloft.core.spec import FlowSpec, GraphSpec

_NAME = re.compile(
    r"(?i)authorization|cookie|pass(word|wd|phrase)|secret|token$|(api|access|auth|private)[-_]?key"
)
"""Names of headers and settings that hold a secret by custom."""
_WIRED = re.compile(r"(?:[A-Za-z]+ )?\{[A-Za-z_]\w*\}")
"""``Bearer {token}``: the secret comes in through a port, none is written down."""


def shareable(spec: FlowSpec) -> FlowSpec:
    """Returns a copy without secret settings.

    Left out are the settings whose schema says ``"x-widget": "secret"`` at any depth, headers that
    carry a secret by custom, such as ``Authorization``, and settings of kinds that are not known here
    whose name says so; and pinned outputs, which are values of a run. Nothing else of the flow is changed.
    """
    copy = spec.model_copy(deep=True)
    for graph in (copy.graph, *(saved.graph for saved in copy.flows.values())):
        _clean(graph)
    copy.ui.pins = {}
    return copy


def _clean(graph: GraphSpec) -> None:
    for node in graph.nodes.values():
        try:
            schema = KINDS.get(node.kind).model_json_schema()
        except FlowError:
            node.settings = {name: value for name, value in node.settings.items() if not _tells(name, value)}
        else:
            node.settings = _without(node.settings, schema, schema.get("$defs", {}))
        if node.body is not None:
            _clean(node.body)


def _tells(name: str, value: Any) -> bool:
    return _NAME.search(name) is not None and not (isinstance(value, str) and _WIRED.fullmatch(value))


def _without(value: Any, schema: dict[str, Any], defined: dict[str, Any]) -> Any:
    """Returns the value without what its schema marks as secret."""
    if "$ref" in schema:
        schema = {**defined.get(schema["$ref"].rpartition("/")[2], {}), **schema}
    for choice in schema.get("anyOf", []):
        value = _without(value, choice, defined)
    if isinstance(value, list):
        return [_without(one, schema.get("items") or {}, defined) for one in value]
    if not isinstance(value, dict):
        return value
    if schema.get("x-widget") == "key_value":
        return {name: one for name, one in value.items() if not _tells(name, one)}
    fields = schema.get("properties", {})
    return {
        name: _without(one, fields.get(name, {}), defined)
        for name, one in value.items()
        if fields.get(name, {}).get("x-widget") != "secret"
    }


def restored(document: dict[str, Any], original: dict[str, Any]) -> dict[str, Any]:
    """Returns a document that was read from a file with what files leave out of the flow they were made of.

    Args:
        document: As it was read.
        original: The flow with its secrets. A node is the same where its id and kind are.
    """
    known = dict(_nodes(original.get("graph", {})))
    copy: dict[str, Any] = deepcopy(document)
    for node_id, node in _nodes(copy.get("graph", {})):
        before = known.get(node_id)
        if before is not None and before["kind"] == node["kind"]:
            node["settings"] = _settings_restored(node, before)
    kinds = {node_id: node["kind"] for node_id, node in _nodes(copy.get("graph", {}))}
    pins = {
        node_id: pinned
        for node_id, pinned in original.get("ui", {}).get("pins", {}).items()
        if kinds.get(node_id) == known.get(node_id, {}).get("kind")
    }
    if pins:
        copy.setdefault("ui", {}).setdefault("pins", pins)
    return copy


def _nodes(graph: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for node_id, node in graph.get("nodes", {}).items():
        yield node_id, node
        if node.get("body"):
            yield from _nodes(node["body"])


def _settings_restored(node: dict[str, Any], before: dict[str, Any]) -> Any:
    settings, secret = node.get("settings", {}), before.get("settings", {})
    try:
        schema = KINDS.get(node["kind"]).model_json_schema()
    except FlowError:
        kept = {name: value for name, value in secret.items() if _tells(name, value)}
        return {**kept, **settings}
    return _with(settings, secret, schema, schema.get("$defs", {}))


def _with(value: Any, before: Any, schema: dict[str, Any], defined: dict[str, Any]) -> Any:
    """Returns the value with what :func:`_without` takes away from ``before``."""
    if "$ref" in schema:
        schema = {**defined.get(schema["$ref"].rpartition("/")[2], {}), **schema}
    for choice in schema.get("anyOf", []):
        value = _with(value, before, choice, defined)
    if isinstance(value, list) and isinstance(before, list) and len(value) == len(before):
        inner = schema.get("items") or {}
        return [_with(one, other, inner, defined) for one, other in zip(value, before, strict=True)]
    if not isinstance(value, dict) or not isinstance(before, dict):
        return value
    if schema.get("x-widget") == "key_value":
        return {**{name: one for name, one in before.items() if _tells(name, one)}, **value}
    fields = schema.get("properties", {})
    kept = {name: one for name, one in before.items() if fields.get(name, {}).get("x-widget") == "secret"}
    return {
        **kept,
        **{name: _with(one, before.get(name), fields.get(name, {}), defined) for name, one in value.items()},
    }
