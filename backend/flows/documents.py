"""Documents on their way in: whole ones and patches, checked before anything is saved."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flowloft.core.errors import FlowError, InputError
from flowloft.core.findings import Finding
from flowloft.core.spec import MAX_BYTES, SCHEMA_VERSION, FlowSpec, GraphSpec
from flowloft.engine import compile_flow
from flowloft.engine.compile import FlowSource
from jsonpatch import JsonPatch, JsonPatchException
from jsonpointer import JsonPointerException, resolve_pointer

from backend.common.errors import ApiError
from backend.common.json_body import refuse_deep
from backend.flows.components import COMPONENTS

MAX_OPERATIONS = 20_000
"""Operations in one patch; the editor sends a handful."""

LIMITS = {"too_deep", "too_many_nodes", "too_many_edges", "duplicate_id"}
"""Remarks on a document that is not even kept as a draft; all others may wait."""


UNVERSIONED = Finding(
    level="error",
    code="not_a_flow",
    path="/schema_version",
    message="The document does not say which version of the schema it has.",
    hint="A body that got lost must not empty a flow; send the whole document.",
)


@dataclass(frozen=True)
class Checked:
    """A document that may be saved, and what the compiler remarks on it.

    Attributes:
        document: Without the saved flows that its nodes run.
        spec: With them, as they are now.
    """

    document: dict[str, Any]
    spec: FlowSpec
    findings: list[Finding]

    @property
    def node_count(self) -> int:
        """Nodes of all levels."""
        return sum(len(graph.nodes) for graph in _graphs(self.spec.graph))

    @property
    def frozen(self) -> dict[str, Any]:
        """Returns the document with the saved flows that its nodes run: what a version or a run keeps."""
        if not self.spec.flows:
            return self.document
        return self.document | {"flows": self.spec.document()["flows"]}

    def remarks(self) -> list[dict[str, Any]]:
        """Returns the findings as JSON."""
        return [finding.model_dump() for finding in self.findings]


def _graphs(graph: GraphSpec) -> list[GraphSpec]:
    found = [graph]
    for inner in found:
        found.extend(node.body for node in inner.nodes.values() if node.body is not None)
    return found


def empty_document() -> dict[str, Any]:
    """Returns a flow with nothing in it."""
    return FlowSpec().document()


def check(document: Any, flows: FlowSource | None = None) -> Checked:
    """Reads a document and collects the compiler's remarks.

    Args:
        flows: Where the saved flows that it runs are looked up; without, as the document holds them.

    Raises:
        InputError: It is nested too deep.
        FlowError: It is no flow document, with ``extra.path``.
        ApiError: 413 ``too_large``.
    """
    refuse_deep(document)
    if len(json.dumps(document, ensure_ascii=False)) > MAX_BYTES:
        raise ApiError(
            413, "too_large", f"The document is larger than {MAX_BYTES} bytes.", "Split the flow.", path=""
        )
    if isinstance(document, dict) and "schema_version" not in document:
        raise _refusal([UNVERSIONED])
    COMPONENTS.refresh()
    compiled = compile_flow(document, flows)
    refused = [remark for remark in compiled.findings if compiled.spec is None or remark.code in LIMITS]
    if compiled.spec is None or refused:
        raise _refusal(refused)
    older = document.get("schema_version") != SCHEMA_VERSION
    kept = compiled.spec.document() if older else _complete(document)
    kept.pop("flows", None)
    return Checked(kept, compiled.spec, compiled.findings)


def _complete(document: dict[str, Any]) -> dict[str, Any]:
    """Adds the parts that a hand-written document may leave out; the page's patches point into them.

    What is there stays as it was sent: a page compares its own copy with what it saves.
    """
    ui = {"positions": {}, "groups": {}} | document.get("ui", {})
    empty = FlowSpec().document()
    return empty | document | {"graph": _complete_graph(document.get("graph", {})), "ui": ui}


def _complete_graph(graph: dict[str, Any]) -> dict[str, Any]:
    nodes = {}
    for key, node in graph.get("nodes", {}).items():
        nodes[key] = {"settings": {}} | node
        if node.get("body") is not None:
            nodes[key]["body"] = _complete_graph(node["body"])
    return {"nodes": nodes, "edges": graph.get("edges", {})}


def _refusal(findings: list[Finding]) -> FlowError:
    if not findings:
        return FlowError("That is no flow document.", code="invalid_document", extra={"path": ""})
    first = findings[0]
    return FlowError(
        first.message,
        code=first.code,
        hint=first.hint,
        extra={"path": first.path, "findings": [finding.model_dump() for finding in findings[:50]]},
    )


def apply_patch(document: dict[str, Any], operations: Any) -> Any:
    """Applies a JSON Patch (RFC 6902) to a document of the caller's own, in place.

    Raises:
        InputError: ``invalid_patch``; ``extra.path`` names the operation.
        ApiError: 413, for a patch that copies a document into a giant.
    """
    if not isinstance(operations, list):
        raise InputError("A patch is a list of operations.", code="invalid_patch", extra={"path": ""})
    if len(operations) > MAX_OPERATIONS:
        raise ApiError(413, "too_large", f"A patch has at most {MAX_OPERATIONS} operations.", path="")
    copied = 0
    for index, operation in enumerate(operations):
        try:
            if isinstance(operation, dict) and operation.get("op") == "copy":
                copied += len(json.dumps(resolve_pointer(document, operation["from"])))
                if copied > MAX_BYTES:
                    raise ApiError(413, "too_large", "The patch copies too much.", path=f"/{index}")
            document = JsonPatch([operation]).apply(document, in_place=True)
        except (
            JsonPatchException,
            JsonPointerException,
            TypeError,
            KeyError,
            IndexError,
            ValueError,
        ) as error:
            raise InputError(
                f"Operation {index} of the patch cannot be applied: {error}",
                code="invalid_patch",
                hint="Load the flow again, and send operations of RFC 6902 that fit it.",
                extra={"path": f"/{index}"},
            ) from None
    return document
