"""A flow as Python is the same flow, runs without a studio, and comes back without being run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flowloft.cli import main
from flowloft.codegen import read_source, write_source
from flowloft.core.errors import FlowError
from flowloft.core.spec import FlowSpec
from flowloft.templates import Template, load_templates
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).parents[3]
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,8}", fullmatch=True) | st.sampled_from(
    ["flow", "class", "node", "run", "a-b", "a_b", "_", "None", "self", "layout"]
)
KINDS = st.sampled_from(["prompt", "join", "demo.test", "node", "class", "run", "chat_input", "gone"])
PORTS = st.sampled_from(["output", "text", "value", "true", "id", "title", "a case", "class", "items", "_x"])
TEXTS = st.text(max_size=30) | st.sampled_from(['"""', "\\", "a\nb\n", "{x}\n" * 9, "\x7f\u2028", "'\"\\n"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
SETTINGS = st.dictionaries(
    st.sampled_from(["text", "title", "model", "class", "items", "a b"]), VALUES, max_size=4
)


@st.composite
def graphs(draw: st.DrawFn, names: list[str], depth: int = 0) -> dict[str, Any]:
    nodes: dict[str, Any] = {}
    for _ in range(draw(st.integers(0, 4))):
        if not names:
            break
        node: dict[str, Any] = {"kind": draw(KINDS), "settings": draw(SETTINGS)}
        if draw(st.booleans()):
            node |= {"title": draw(TEXTS), "disabled": True, "policy": {"on_error": "branch", "timeout": 2.5}}
        nodes[names.pop()] = node
        if depth < 2 and draw(st.integers(0, 3)) == 0:
            node["body"] = draw(graphs(names, depth + 1))
    ends = st.sampled_from([*nodes, "elsewhere"])
    edge = st.fixed_dictionaries({"source": ends, "source_port": PORTS, "target": ends, "target_port": PORTS})
    ids = st.sampled_from(["e1", "e2", "e10", "x", "a.output-b.text"])
    return {"nodes": nodes, "edges": draw(st.dictionaries(ids, edge, max_size=5))}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(NAMES, unique=True, max_size=8))
    places = {name: {"x": 1.5, "y": -2.0} for name in names[:2]}
    graph = draw(graphs(list(names)))
    groups = {"g": {"title": draw(TEXTS), "node_ids": names[:1]}} if draw(st.booleans()) else {}
    document = {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": graph,
        "ui": {"positions": places, "groups": groups},
        "requirements": {"models": ["builtin/x"]} if draw(st.booleans()) else {},
    }
    return FlowSpec.model_validate(document).document()


def ordered(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def executed(source: str) -> dict[str, Any]:
    """Runs the source, as a person would, up to the question whether it is the main program."""
    names: dict[str, Any] = {"__name__": "imported"}
    exec(compile(source, "flow.py", "exec"), names)
    return FlowSpec.model_validate(names["flow"].document()).document()


@settings(max_examples=250)
@given(documents())
def test_any_flow_comes_back_equal(document: dict[str, Any]) -> None:
    source = write_source(document)
    read = FlowSpec.model_validate(read_source(source)).document()
    assert ordered(read) == ordered(document)
    assert ordered(executed(source)) == ordered(document)
    assert write_source(read) == source


@pytest.mark.parametrize("template", load_templates(), ids=lambda template: template.key)
def test_every_template_comes_back_equal(template: Template) -> None:
    source = write_source(template.document, title=template.title)
    assert FlowSpec.model_validate(read_source(source)) == template.document


def test_an_exported_file_is_formatted_as_a_formatter_would(tmp_path: Path) -> None:
    for one in load_templates():
        (tmp_path / f"{one.key}.py").write_text(write_source(one.document, title=one.title), "utf-8")
    asked = ["ruff", "format", "--isolated", "--line-length=100", "--diff", str(tmp_path)]
    done = subprocess.run([sys.executable, "-m", *asked], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_an_exported_file_says_how_it_is_run() -> None:
    nodes = {"a": {"kind": "input", "settings": {"name": "topic"}}, "b": {"kind": "output"}}
    asking = {**DOCUMENT, "graph": {"nodes": nodes, "edges": {}}}
    assert "Run it: python flow.py --input topic=...\n" in write_source(asking)
    assert 'Run it: python flow.py "what you say to it"\n' in write_source(DOCUMENT)


def test_reading_runs_nothing_and_says_which_line_it_cannot_read() -> None:
    for line in (
        "import os; os.system('touch x')",
        "flow.chat_input(id=open('/etc/passwd').read())",
        "flow.__init__()",
        "a = flow.prompt(template=f'{1}')",
        "flow.prompt(**{'template': 'x'})",
        "for x in range(3): flow.text(text='x')",
        "flow.text(id=[].append)",
        "flow.node(*['text'])",
    ):
        with pytest.raises(FlowError) as caught:
            read_source(f"from flowloft.codegen import Drawing\nflow = Drawing()\n{line}\n")
        assert caught.value.error_code == "cannot_import"
        assert caught.value.extra["line"] == 3
    with pytest.raises(FlowError, match="draws no flow"):
        read_source("x = 1" * 0)
    with pytest.raises(FlowError, match="no Python"):
        read_source("flow = (")


DOCUMENT = {
    "schema": "flowloft/flow",
    "schema_version": 1,
    "kind": "flow",
    "graph": {
        "nodes": {
            "ask": {"kind": "chat_input"},
            "words": {"kind": "prompt", "settings": {"template": "You said: {what}\nBye"}},
            "answer": {"kind": "chat_output"},
        },
        "edges": {
            "e1": {"source": "ask", "source_port": "text", "target": "words", "target_port": "what"},
            "e2": {"source": "words", "source_port": "output", "target": "answer", "target_port": "text"},
        },
    },
}


def test_an_exported_file_runs_by_itself(tmp_path: Path) -> None:
    flow, source = tmp_path / "flow.json", tmp_path / "flow.py"
    flow.write_text(json.dumps(DOCUMENT), "utf-8")
    assert main(["export", str(flow), "--output", str(source)]) == 0
    environment = {"PYTHONPATH": str(ROOT / "runtime"), "PATH": ""}
    done = subprocess.run(
        [sys.executable, str(source), "hello"], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout == "You said: hello\nBye\n"
    done = subprocess.run(
        [sys.executable, str(source), "--json", "hello"],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["type"] == "run.succeeded"
    assert events[-1]["outputs"] == {"text": "You said: hello\nBye"}


def test_exit_codes_tell_a_program_what_happened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flow = tmp_path / "flow.json"
    flow.write_text(json.dumps(DOCUMENT), "utf-8")
    assert main(["run", str(flow), "hi"]) == 0
    assert main(["run", str(flow)]) == 1
    assert "got no text" in capsys.readouterr().err
    assert main(["run", str(flow), "hi", "--input", "txt=1", "--json"]) == 2, "a slip is not passed over"
    told = capsys.readouterr()
    assert json.loads(told.out)["error"]["code"] == "unknown_input"
    assert "It takes: text" in told.err
    assert main(["run", str(tmp_path / "gone.json")]) == 2
    broken = {**DOCUMENT, "graph": {"nodes": {"a": {"kind": "gone"}}, "edges": {}}}
    flow.write_text(json.dumps(broken), "utf-8")
    assert main(["run", str(flow), "--json"]) == 2
    told = capsys.readouterr()
    assert "gone" in told.err
    assert json.loads(told.out)["error"]["extra"]["findings"][0]["node_id"] == "a"
    assert main(["import", str(flow)]) == 0
    assert json.loads(capsys.readouterr().out)["graph"]["nodes"]["a"]["kind"] == "gone"
