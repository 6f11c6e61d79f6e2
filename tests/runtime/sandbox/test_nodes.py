"""Function and Command nodes that mean harm: each ends with its reason, in time, and leaves nothing."""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flowloft import compile_flow, run_plan
from flowloft.engine import Outcome
from flowloft.sandbox import check

pytestmark = pytest.mark.skipif(shutil.which("bwrap") is None, reason="needs bubblewrap")

SECONDS = 2.0


class Attempt(NamedTuple):
    """Code of a node, the error that it ends with, and words of that; without an error it is let do it."""

    kind: str
    code: str
    error: str = ""
    words: str = ""


FAILED, COMMAND = "code_failed", "command_failed"
ATTEMPTS = {
    "a secret, function": Attempt("function", "return open({secret!r}).read()", FAILED, "FileNotFoundError"),
    "a secret, command": Attempt("bash", "cat {secret}", COMMAND, "No such file"),
    "the environment, function": Attempt("function", "import os\nreturn str(dict(os.environ))"),
    "the environment, command": Attempt("bash", "bash -c 'env; cat /proc/[0-9]*/environ | tr -d \\\\0'"),
    "the network, function": Attempt(
        "function",
        "import socket\nsocket.create_connection(('127.0.0.1', {port}), 1)",
        FAILED,
        "PermissionError",
    ),
    "the network, command": Attempt(
        "bash", "bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}'", COMMAND, "permitted"
    ),
    "a process, function": Attempt("function", "import os\nos.kill({pid}, 9)", FAILED, "ProcessLookupError"),
    "a process, command": Attempt("bash", "bash -c 'kill -9 {pid}'", COMMAND, "No such process"),
    "a fork bomb, function": Attempt(
        "function", "import os\nwhile True: os.fork()", "sandbox_processes", "32 processes"
    ),
    "a fork bomb, command": Attempt(
        "bash",
        "bash -c 'b() {{ b | b & }}; b; exec -a fork-bomb sleep 60'",
        "sandbox_processes",
        "as many processes as are allowed, 32",
    ),
    "4 GiB, function": Attempt("function", "return len(bytearray(4 << 30))", "sandbox_memory", "512 MiB"),
    "4 GiB, command": Attempt(
        "bash", "dd if=/dev/zero of=/dev/null bs=4G count=1", "sandbox_memory", "512 MiB"
    ),
    "an endless loop, function": Attempt("function", "while True: pass", "sandbox_timeout", "2 s"),
    "an endless loop, command": Attempt("bash", "bash -c 'while :; do :; done'", "sandbox_timeout", "2 s"),
}


def flow(kind: str, settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {
            "nodes": {
                "it": {"kind": kind, "settings": settings},
                "out": {"kind": "output", "settings": {"name": "out"}},
            },
            "edges": {
                "a": {"source": "it", "source_port": "output", "target": "out", "target_port": "value"}
            },
        },
    }


def ran(kind: str, code: str) -> Outcome:
    body = "".join(f"    {line}\n" for line in code.splitlines())
    settings = {"code": f"def run():\n{body}", "inputs": []} if kind == "function" else {"command": code}
    compiled = compile_flow(flow(kind, {**settings, "seconds": SECONDS}))
    assert compiled.plan is not None, compiled.findings
    return run_plan(compiled.plan, {})


@pytest.fixture
def door() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        yield one.getsockname()[1]


@pytest.mark.parametrize("name", ATTEMPTS)
def test_each_attempt_ends_with_its_reason(
    name: str, door: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWLOFT_MASTER_KEY", "do-not-tell")
    (tmp_path / "secret").write_text("do-not-tell")
    attempt = ATTEMPTS[name]
    code = attempt.code.format(secret=str(tmp_path / "secret"), port=door, pid=os.getpid())
    started = time.monotonic()
    outcome = ran(attempt.kind, code)
    assert time.monotonic() - started < SECONDS + 20
    assert "do-not-tell" not in f"{outcome.outputs} {outcome.error}"
    if not attempt.error:
        assert "/usr/bin:/bin" in outcome.outputs["out"], "it sees an environment, and it is not the studio's"
        return
    assert outcome.error is not None, outcome.outputs
    assert outcome.error["code"] == attempt.error, outcome.error
    assert attempt.words in str(outcome.error), outcome.error


@pytest.mark.parametrize(("kind", "code"), [("function", "return 1"), ("bash", "true")])
def test_where_the_sandbox_cannot_be_nothing_runs(
    kind: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(check, "_report", None)
    error = ran(kind, code).error
    assert error is not None
    assert error["code"] == "sandbox_unavailable"
    assert "apt install bubblewrap" in error["hint"]
