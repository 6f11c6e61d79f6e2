"""Saved flows as the compiler asks for them, and those that an imported document brings along."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from flowloft.core.spec import SavedFlow
from flowloft.engine.compile import flow_ref
from flowloft.engine.compile.document import read_document
from flowloft.engine.compile.upgrade import upgrade

from backend.common.objects import objects_of
from backend.flows.models import Draft, Flow, FlowVersion


class OwnFlows:
    """The flows that one person may use, each looked up once."""

    def __init__(self, user: Any) -> None:
        self._user = user
        self._found: dict[str, SavedFlow | None] = {}

    def find(self, ref: str) -> SavedFlow | None:
        """Returns the flow of ``<id>@<version>``."""
        if ref not in self._found:
            self._found[ref] = self._look_up(*ref.rsplit("@", 1))
        return self._found[ref]

    def _look_up(self, flow_id: str, version: str) -> SavedFlow | None:
        try:
            flow = objects_of(self._user, Flow).filter(pk=flow_id).first()
        except (ValidationError, ValueError):
            return None
        if flow is None:
            return None
        document = self._document(flow, version)
        spec = None if document is None else read_document(document, [])
        return None if spec is None else SavedFlow(title=flow.name, graph=spec.graph)

    def _document(self, flow: Flow, version: str) -> dict[str, Any] | None:
        if version == "draft":
            return Draft.objects.values_list("document", flat=True).filter(pk=flow.pk).first()
        number = flow.published_version if version == "published" else int(version)
        if number is None:
            return None
        versions = FlowVersion.objects.filter(flow=flow, number=number)
        return versions.values_list("document", flat=True).first()


def brought_along(document: dict[str, Any], user: Any) -> dict[str, SavedFlow]:
    """Returns the flows that a document holds and the person does not have, by id, those they run first."""
    spec = read_document(upgrade(document), [])
    if spec is None:
        return {}
    own = OwnFlows(user)
    strange = {ref: saved for ref, saved in spec.flows.items() if own.find(ref) is None}
    # One flow in two versions becomes one flow: the published one, as that is what others meet.
    by_id = {ref.rsplit("@", 1)[0]: ref for ref in sorted(strange)}
    return {flow_id: strange[ref] for flow_id, ref in by_id.items()}


def renamed(graph: dict[str, Any], ids: dict[str, str]) -> dict[str, Any]:
    """Returns a graph whose nodes run other flows instead."""
    nodes = {}
    for key, node in graph.get("nodes", {}).items():
        settings = node.get("settings") or {}
        nodes[key] = dict(node)
        if settings.get("flow") in ids and flow_ref(node.get("kind", ""), settings) is not None:
            # The copy that was made is not published.
            nodes[key]["settings"] = {**settings, "flow": ids[settings["flow"]], "flow_version": "draft"}
        if node.get("body") is not None:
            nodes[key]["body"] = renamed(node["body"], ids)
    return {**graph, "nodes": nodes}
