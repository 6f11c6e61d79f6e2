"""A setting that takes its value along an edge instead of from the form."""

from __future__ import annotations

from typing import Any

from flowloft.codegen.files import read_flow, write_flow
from flowloft.core.context import Context
from flowloft.core.spec import FlowSpec
from flowloft.engine import compile_flow, run_plan


def _flow(value: Any, wired: list[str]) -> dict[str, Any]:
    def edge(source: str, port: str, target: str, into: str) -> dict[str, str]:
        return {"source": source, "source_port": port, "target": target, "target_port": into}

    return {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {
            "nodes": {
                "rounds": {"kind": "input", "settings": {"name": "rounds", "type": "any"}},
                "repeat": {
                    "kind": "loop",
                    "settings": {"times": value},
                    "wired": wired,
                    "body": {
                        "nodes": {"b": {"kind": "body_input"}, "e": {"kind": "body_output"}},
                        "edges": {"e1": edge("b", "index", "e", "value")},
                    },
                },
                "end": {"kind": "output"},
            },
            "edges": {
                "e1": edge("rounds", "output", "repeat", "times"),
                "e2": edge("repeat", "all", "end", "value"),
            },
        },
    }


def test_the_value_of_the_wire_counts_and_is_checked_as_the_form_checks_it() -> None:
    plan = compile_flow(_flow(3, ["times"])).plan
    assert plan is not None
    assert run_plan(plan, {"rounds": 2}, Context()).outputs == {"result": [0, 1]}
    assert run_plan(plan, {"rounds": 4}, Context()).outputs == {"result": [0, 1, 2, 3]}
    failed = run_plan(plan, {"rounds": "many"}, Context())
    assert failed.error is not None
    assert failed.error["code"] == "invalid_setting"
    assert "times" in failed.error["message"]


def test_what_decides_what_a_node_is_can_not_come_along_a_wire() -> None:
    codes = [one.code for one in compile_flow(_flow(3, ["carried"])).findings]
    assert "not_wireable" in codes


def test_files_keep_it() -> None:
    spec = FlowSpec.model_validate(_flow(3, ["times"]))
    for format in ("json", "yaml", "python"):
        assert FlowSpec.model_validate(read_flow(write_flow(spec, format))).document() == spec.document()  # type: ignore[arg-type]
