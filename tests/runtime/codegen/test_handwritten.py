"""A flow that a person wrote in Python is the same flow on the canvas: read, never run."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from flowloft.codegen import read_source, write_source
from flowloft.codegen.files import format_of
from flowloft.core.findings import Finding
from flowloft.core.registry import KINDS
from flowloft.core.spec import FlowSpec
from flowloft.engine import compile_flow, run_plan

_HERE = Path(__file__).with_name("corpus.py")


def _corpus() -> dict[str, tuple[str, list[tuple[Any, ...]]]]:
    spec = importlib.util.spec_from_file_location("handwritten_corpus", _HERE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    corpus: dict[str, tuple[str, list[tuple[Any, ...]]]] = module.CORPUS
    return corpus


CORPUS = _corpus()


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


def nodes_of(graph: dict[str, Any]) -> list[dict[str, Any]]:
    found = list(graph["nodes"].values())
    return [*found, *(one for node in found if "body" in node for one in nodes_of(node["body"]))]


def run_in_python(source: str, given: tuple[Any, ...], where: Path) -> Any:
    file = where / "written_flow.py"
    # `prl` of LazyLLM's README appears by itself there; in plain Python it has to be fetched.
    file.write_text(source.replace("        prl.", "        flow.prl."), "utf-8")
    spec = importlib.util.spec_from_file_location("written_flow", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return as_json(module.flow(*given))


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs the code of Function nodes here: what the sandbox adds is another test's matter."""
    function = sys.modules[KINDS.get("function").__module__]

    class Result:
        log = ""

        def __init__(self, value: Any) -> None:
            self.value = as_json(value)

    def run_function(code: str, entry: str, inputs: dict[str, Any], **_: Any) -> Result:
        scope: dict[str, Any] = {"__name__": "__function__"}
        exec(compile(code, "<function>", "exec"), scope)
        return Result(scope[entry](**as_json(inputs)))

    monkeypatch.setattr(function, "run_function", run_function)


@pytest.mark.usefixtures("in_this_process")
@pytest.mark.parametrize("name", CORPUS)
def test_the_canvas_answers_as_the_source_does(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "lazyllm", __import__("flowloft"))
    source, calls = CORPUS[name]
    findings: list[Finding] = []
    document = read_source(source, findings)
    assert "not_drawn" not in [finding.code for finding in findings]
    compiled = compile_flow(document)
    assert compiled.plan is not None, compiled.findings
    assert [one.code for one in compiled.findings if one.level != "info"] == []
    names = [
        node["settings"]["name"] for node in document["graph"]["nodes"].values() if node["kind"] == "input"
    ]
    for given in calls:
        wanted = run_in_python(source, given, tmp_path)
        outcome = run_plan(compiled.plan, dict(zip(names, given, strict=True)))
        assert outcome.value() == {"result": wanted}


@pytest.mark.parametrize("name", CORPUS)
def test_it_goes_back_to_python_and_comes_back_equal(name: str) -> None:
    document = FlowSpec.model_validate(read_source(CORPUS[name][0])).document()
    source = write_source(document)
    read = FlowSpec.model_validate(read_source(source)).document()
    assert json.dumps(read, sort_keys=True) == json.dumps(document, sort_keys=True)
    assert write_source(read) == source
    assert format_of(CORPUS[name][0]) == "python"


def test_nothing_is_run_and_what_has_no_drawing_is_kept_as_code(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    source = f"""
from flowloft import pipeline
open({str(mark)!r}, "w")
steps = [str.strip, str.upper]
odd = pipeline(*steps)  # computed
flow = pipeline(str.lower, odd, len)
"""
    findings: list[Finding] = []
    document = read_source(source, findings)
    assert not mark.exists()
    kept = [finding for finding in findings if finding.code == "not_drawn"]
    assert len(kept) == 1
    assert "computed" in kept[0].message
    code = document["graph"]["nodes"][kept[0].node_id]["settings"]["code"]
    scope: dict[str, Any] = {}
    exec(code, scope)
    assert scope["run"](" a ") == "A"
    assert "open(" not in code
    assert len([node for node in nodes_of(document["graph"]) if node["kind"] == "function"]) == 3


def test_a_model_becomes_a_model_and_its_key_stays_behind() -> None:
    source = """
import flowloft
chat = flowloft.OnlineChatModule(provider="openai", model="gpt-5", api_key="planted", temperature=0.3)
chat.start
flow = flowloft.pipeline(
    str.strip,
    chat.prompt("You are {who}.", user="Explain {input}."),
    flowloft.OnlineChatModule("a/b").prompt("Be brief."),
)
web = flowloft.WebModule(flow).start()
"""
    findings: list[Finding] = []
    document = read_source(source.replace("chat.prompt", 'flowloft.OnlineChatModule("a/c").prompt'), findings)
    models = [node for node in nodes_of(document["graph"]) if node["kind"] == "chat_model"]
    assert [model["settings"] for model in models] == [
        {"model": "a/c"},
        {"model": "a/b", "system": "Be brief."},
    ]
    direct = read_source(
        source.replace('chat.prompt("You are {who}.", user="Explain {input}.")', "chat"), findings
    )
    (model, _) = [node for node in nodes_of(direct["graph"]) if node["kind"] == "chat_model"]
    assert model["settings"] == {"model": "openai/gpt-5", "temperature": 0.3, "system": ""}
    assert "planted" not in json.dumps(direct)
    assert any(finding.code == "not_taken_over" and "api_key" in finding.message for finding in findings)
    assert "planted" not in json.dumps([finding.model_dump() for finding in findings])


def test_modules_become_the_nodes_that_they_are() -> None:
    source = """
from flowloft import OnlineEmbeddingModule, TrainableModule, UrlModule, pipeline
flow = pipeline(
    UrlModule("https://example.org/run", key="planted", timeout=5),
    TrainableModule("smollm2").trainset("faq.jsonl").finetune_method("peft", method="lora", epochs=2, rank=4)
    .deploy_method("vllm").prompt("Be brief.").evalset(["a"]),
    OnlineEmbeddingModule("own/embed"),
    UrlModule("https://example.org/other", decode=lambda answer: answer["a"]),
)
"""
    findings: list[Finding] = []
    document = read_source(source, findings)
    nodes = document["graph"]["nodes"]
    kinds = ["input", "url_module", "trainable_module", "embedding", "function", "output"]
    assert [node["kind"] for node in nodes.values()] == kinds
    assert nodes["url_module"]["settings"] == {"url": "https://example.org/run", "timeout": 5}
    assert nodes["trainable_module"]["settings"] == {
        "base_model": "smollm2",
        "trainset": "faq.jsonl",
        "trainer": "peft",
        "method": "lora",
        "epochs": 2,
        "deploy": "vllm",
        "system": "Be brief.",
    }
    lost = [finding.message for finding in findings if finding.code == "not_taken_over"]
    assert len(lost) == 2
    assert "key" in lost[0]
    assert "rank" in lost[1]
    assert "planted" not in json.dumps(document)
    assert compile_flow(document).plan is not None


def test_the_flow_of_a_main_function_is_found_and_its_lines_keep_their_numbers() -> None:
    source = """
from flowloft import pipeline

def shout(text):
    return text.upper()

def main():
    import sys

    steps = [str.strip]
    odd = pipeline(*steps)
    app = pipeline(shout, odd)
    print(app(sys.argv[1]))

if __name__ == "__main__":
    main()
"""
    findings: list[Finding] = []
    document = read_source(source, findings)
    assert [node["kind"] for node in document["graph"]["nodes"].values()] == [
        "input",
        "function",
        "function",
        "output",
    ]
    assert {finding.code for finding in findings} == {"became_function", "not_drawn"}
    assert any("(line 12)" in finding.message for finding in findings), findings


def test_a_function_that_builds_several_flows_stays_code() -> None:
    source = """
from flowloft import pipeline
def build(mark):
    return pipeline(lambda text: text + mark)
flow = pipeline(build("a"), build("b"))
"""
    document = read_source(source)
    codes = [
        node["settings"]["code"] for node in document["graph"]["nodes"].values() if node["kind"] == "function"
    ]
    assert len(codes) == 2
    assert all("def build(mark)" in code for code in codes)
