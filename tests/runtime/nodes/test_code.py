"""Code and commands on the canvas: what comes in stays data, and a failure says what failed."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from flowloft.core.catalogue import catalogue
from flowloft.core.context import Context
from flowloft.engine import Outcome, compile_flow, run_plan

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")


def document(kind: str, settings: dict[str, Any], *ports: str) -> dict[str, Any]:
    nodes: dict[str, Any] = {"it": {"kind": kind, "settings": settings}}
    edges = {}
    for port in ports:
        nodes[port] = {"kind": "input", "settings": {"name": port}}
        edges[port] = {"source": port, "source_port": "output", "target": "it", "target_port": port}
    nodes["out"] = {"kind": "output", "settings": {"name": "out"}}
    edges["out"] = {"source": "it", "source_port": "output", "target": "out", "target_port": "value"}
    return {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {"nodes": nodes, "edges": edges},
    }


class _Silent:
    """Hears nothing; the engine's own silent sink is not public."""

    def __getattr__(self, name: str) -> Any:
        return lambda *args, **kwargs: None


def ran(kind: str, settings: dict[str, Any], **inputs: Any) -> Outcome:
    compiled = compile_flow(document(kind, settings, *inputs))
    assert compiled.plan is not None, compiled.findings
    return run_plan(compiled.plan, inputs, Context(), _Silent())


def remark(kind: str, settings: dict[str, Any]) -> str:
    compiled = compile_flow(document(kind, settings))
    assert compiled.plan is None
    return next(one.message for one in compiled.findings if one.level == "error" and one.node_id == "it")


def test_a_function_is_called_with_its_ports() -> None:
    code = "import math\n\ndef run(a, b=2):\n    return {'root': math.sqrt(len(a)), 'b': b}"
    settings = {"code": code, "inputs": [{"name": "a"}]}
    assert ran("function", settings, a="1234").outputs == {"out": {"root": 2.0, "b": 2}}


def test_what_the_code_raises_fails_the_step_with_its_line() -> None:
    settings = {"code": "def run(a):\n    return a['x']", "inputs": [{"name": "a"}]}
    error = ran("function", settings, a="text").error
    assert error is not None
    assert (error["code"], error["extra"]["line"]) == ("code_failed", 2)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("def run(:\n  pass", "line 1"),
        ("x = 1", "needs a function called run"),
        ("def run(other): pass", "other"),
        ("def run(): pass", "text"),
    ],
)
def test_code_that_cannot_be_called_is_remarked_before_the_run(code: str, told: str) -> None:
    assert told in remark("function", {"code": code})


def test_whatever_comes_in_stays_one_argument() -> None:
    nasty = "'; touch x; ' $(id) \"\n*"
    outcome = ran("bash", {"command": "printf '[%s]' {text} end"}, text=nasty)
    assert outcome.outputs == {"out": f"[{nasty}][end]"}


def test_a_command_reads_what_comes_in_from_stdin() -> None:
    assert ran("bash", {"command": "tr a-z A-Z"}, input="abc\n").outputs == {"out": "ABC"}


def test_a_failing_command_fails_the_step_with_exit_code_and_stderr() -> None:
    error = ran("bash", {"command": "sh -c 'echo why >&2; exit 3'"}).error
    assert error is not None
    assert error["message"] == "sh failed: exit code 3: why"
    assert error["extra"]["exit_code"] == 3
    missing = ran("bash", {"command": "no-such-program"}).error
    assert missing is not None
    assert missing["extra"]["exit_code"] == 127


def test_a_quote_that_is_not_closed_is_remarked() -> None:
    assert "quotation" in remark("bash", {"command": "echo 'x"})


def test_a_kind_of_code_shares_its_group() -> None:
    entries = {entry.key: entry for entry in catalogue().kinds}
    assert entries["function"].group == entries["bash"].group == "code"
