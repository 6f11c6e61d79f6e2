"""Documents to plans and remarks. Pure: nothing is executed, nothing is looked up outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flowloft.core.findings import Finding, has_errors
from flowloft.core.plan import Plan
from flowloft.core.spec import FlowSpec
from flowloft.engine.compile.document import read_document
from flowloft.engine.compile.graph import compile_graph
from flowloft.engine.compile.saved import FlowSource, flow_ports, flow_ref, freeze, inputs_check
from flowloft.engine.compile.scope import Scope

__all__ = ["Compiled", "FlowSource", "compile_flow", "flow_ports", "flow_ref", "inputs_check"]


@dataclass(frozen=True, slots=True)
class Compiled:
    """What came of a document.

    Attributes:
        plan: None where a finding of level ``error`` stands in the way.
        findings: Errors first.
        spec: The document as read, with the saved flows it runs; None where it could not be.
    """

    plan: Plan | None
    findings: list[Finding]
    spec: FlowSpec | None = None


def compile_flow(document: dict[str, Any] | FlowSpec, flows: FlowSource | None = None) -> Compiled:
    """Compiles a flow document.

    Args:
        document: Of any schema version; an older one is upgraded first.
        flows: Where the saved flows that it runs are looked up. Without one, they are those that the
            document holds.
    """
    findings: list[Finding] = []
    spec = read_document(document, findings)
    plan = None
    if spec is not None:
        if flows is not None:
            spec = freeze(spec, flows)
        scope = Scope(spec.graph, findings, spec.flows)
        graph = compile_graph(spec.graph, scope, "/graph")
        if not has_errors(findings):
            plan = Plan(graph, kinds=scope.kinds)
    findings.sort(key=lambda finding: ("error", "warning", "info").index(finding.level))
    return Compiled(plan, findings, spec)
