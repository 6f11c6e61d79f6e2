"""What the author of a flow is told, and where."""

from __future__ import annotations

import copy
import json
import time
from pathlib import Path
from typing import Any

import pytest
from flowloft.core.spec import FlowSpec
from flowloft.engine import compile_flow
from flowloft.engine.compile.upgrade import upgrade

from tests.runtime.engine.drawing import flow, graph

FIXTURES = Path(__file__).parents[1] / "core" / "fixtures"


def codes(document: Any) -> list[tuple[str, str, str | None]]:
    return [(one.level, one.code, one.node_id) for one in compile_flow(document).findings]


def inside(settings: dict[str, Any], saved: dict[str, Any] | None = None) -> dict[str, Any]:
    """Returns a flow whose node `s` runs a saved one."""
    document = flow({})
    document["graph"]["nodes"]["s"] = {"kind": "subflow", "settings": settings}
    return document | {"flows": {} if saved is None else {"f@published": {"title": "F", "graph": saved}}}


BODY = graph({"in": "enter", "out": "leave"}, "in out")
ONE = {"one": ("give", {"value": 1})}
END = {"end": "leave"}

FOUND: dict[str, tuple[Any, tuple[str, str, str | None]]] = {
    "unknown kind": (flow({"a": "nothing", **ONE, **END}, "one end"), ("error", "unknown_kind", "a")),
    "unknown setting": (flow({"a": ("give", {"speed": 1})}), ("error", "unknown_setting", "a")),
    "invalid setting": (flow({"a": ("work", {"seconds": "x"})}), ("error", "invalid_setting", "a")),
    "unknown output port": (flow({**ONE, **END}, "one.up end"), ("error", "unknown_port", "one")),
    "unknown input port": (flow({**ONE, **END}, "one end.up"), ("error", "unknown_port", "end")),
    "edge to nowhere": (flow({**ONE, **END}, "one end", "one gone"), ("error", "unknown_node", None)),
    "edge into a body": (
        flow({**ONE, "loop": ("each", {}, {"body": BODY})}, "one loop.items", "one out"),
        ("error", "edge_across_graphs", None),
    ),
    "types that do not fit": (
        flow({"say": "say", "typed": "typed"}, "say typed.number"),
        ("error", "type_mismatch", "typed"),
    ),
    "missing input": (flow({"a": "same", **END}, "a end"), ("error", "missing_input", "a")),
    "cycle": (flow({"a": "same", "b": "same"}, "a b", "b a"), ("error", "cycle", "a")),
    "same id in a body": (
        flow({**ONE, "in": "same", "loop": ("each", {}, {"body": BODY})}, "one loop.items", "one in"),
        ("error", "duplicate_id", "in"),
    ),
    "container without body": (flow({**ONE, "l": "each"}, "one l.items"), ("error", "missing_body", "l")),
    "body without container": (flow({"a": ("give", {}, {"body": BODY})}), ("error", "unexpected_body", "a")),
    "body that gives nothing": (
        flow({**ONE, "l": ("each", {}, {"body": graph({"in": "enter"})})}, "one l.items"),
        ("error", "body_without_output", "l"),
    ),
    "two values at one input": (
        flow({**ONE, "two": ("give", {}), **END}, "one end", "two end"),
        ("warning", "ambiguous_input", "end"),
    ),
    "output behind a switched-off node": (
        flow({"off": ("give", {}, {"disabled": True}), **END}, "off end"),
        ("warning", "unreachable_output", "end"),
    ),
    "no flow chosen": (inside({}), ("error", "no_flow_chosen", "s")),
    "a flow that is not there": (inside({"flow": "f"}), ("error", "no_such_flow", "s")),
    "a flow that runs itself": (
        inside({"flow": "f"}, inside({"flow": "f"})["graph"]),
        ("error", "flow_cycle", "s"),
    ),
    "a flow with an error": (
        inside({"flow": "f"}, graph({"x": "nothing"})),
        ("error", "flow_has_errors", "s"),
    ),
    "no output": (flow({**ONE}), ("warning", "no_output", None)),
    "unknown field": ({**flow(ONE), "colour": 1}, ("error", "unknown_field", None)),
    "newer schema": ({**flow(ONE), "schema_version": 99}, ("error", "newer_schema", None)),
    "no object": ([1], ("error", "not_a_flow", None)),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_is_wrong_is_named_at_its_place(name: str) -> None:
    document, expected = FOUND[name]
    compiled = compile_flow(document)
    assert expected in codes(document), compiled.findings
    assert (compiled.plan is None) == any(level == "error" for level, _, _ in codes(document))
    for finding in compiled.findings:
        assert finding.message
        assert not finding.path or resolves(document, finding.path), finding.path


def resolves(document: Any, pointer: str) -> bool:
    """Says whether a JSON pointer leads somewhere, its last part apart."""
    for part in pointer.split("/")[1:-1]:
        document = document.get(part, {}) if isinstance(document, dict) else {}
    return isinstance(document, (dict, list))


def test_edges_of_exclusive_branches_may_end_at_one_input() -> None:
    nodes = {**ONE, "fork": "fork", "a": "same", "b": "same", **END}
    assert not codes(flow(nodes, "one fork", "fork.yes a", "fork.no b", "a end", "b end"))


def test_a_setting_is_pointed_at_and_a_disabled_node_stops_nothing() -> None:
    findings = compile_flow(flow({"a": ("work", {"fails": "no"}), **END}, "a end")).findings
    assert len(findings) == 1, findings
    finding = findings[0]
    assert finding.path == "/graph/nodes/a/settings/fails"
    off = flow({"a": ("gone", {}, {"disabled": True}), **ONE, **END}, "one end")
    assert codes(off) == [("warning", "unknown_kind", "a")]
    assert compile_flow(off).plan is not None


def test_deep_huge_and_hostile_documents_are_refused_quickly() -> None:
    deep: Any = 1
    for _ in range(5_000):
        deep = [deep]
    body: Any = copy.deepcopy(BODY)
    for level in range(12):
        inner = {"kind": "t_each", "body": body}
        body = {"nodes": {f"l{level}": inner}, "edges": {}}
    huge = {f"n{number}": "same" for number in range(5_001)}
    started = time.thread_time()
    assert codes({**flow({}), "ui": deep}) == [("error", "too_deep", None)]
    assert ("error", "too_deep", None) in codes({**flow({}), "graph": body})
    assert ("error", "too_many_nodes", None) in codes(flow(huge))
    assert time.thread_time() - started < 10


def row_of(count: int) -> dict[str, Any]:
    names = [f"n{number}" for number in range(count)]
    return flow(
        {"n": "give", **dict.fromkeys(names, "same")},
        *[f"{source} {target}" for source, target in zip(["n", *names], names, strict=False)],
    )


def test_compiling_eight_times_the_nodes_takes_no_square_of_the_time() -> None:
    def seconds(document: dict[str, Any]) -> float:
        began = time.thread_time()
        compile_flow(document)
        return time.thread_time() - began

    small, large = (min(seconds(row_of(count)) for _ in range(3)) for count in (250, 2_000))
    assert large < 30 * small


def test_compiling_changes_nothing() -> None:
    document = row_of(1_000)
    before = json.dumps(document)
    compiled = compile_flow(document)
    assert json.dumps(document) == before
    assert compiled.plan is not None
    assert compiled.plan.graph.serial
    assert compiled.plan.kinds == {"t_give": 1, "t_same": 1}


def test_a_document_of_the_version_before_becomes_one_of_this_version() -> None:
    old = json.loads((FIXTURES / "flow_v0.json").read_text("utf-8"))
    expected = json.loads((FIXTURES / "flow_v0_upgraded.json").read_text("utf-8"))
    spec = FlowSpec.model_validate(upgrade(old))
    assert spec.document() == expected
    assert FlowSpec.model_validate(upgrade(expected)).document() == expected
    assert compile_flow(old).plan is not None
