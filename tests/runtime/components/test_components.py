"""Components as LazyLLM's README promises them, and what happens when one fails."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import flowloft
import pytest
from flowloft import launchers
from flowloft.components import component_register
from flowloft.components.folder import load_file
from flowloft.core.catalogue import kind_entry
from flowloft.core.errors import BackendError, Cancelled, FlowError, InputError
from flowloft.core.registry import KINDS

DEMO = Path(__file__).parent / "demo.py"


@pytest.fixture(scope="module", autouse=True)
def demo() -> Iterator[None]:
    loaded = load_file(DEMO)
    yield
    for component in loaded:
        component_register.remove(component)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FLOWLOFT_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_readme_of_lazyllm_works() -> None:
    assert flowloft.demo.test()(1) == "input is 1"
    assert flowloft.demo.test_cmd()(2) == "input is 2"
    assert flowloft.demo.test_cmd(launcher=launchers.local)(2) == "input is 2"


@pytest.mark.parametrize("name", ["empty", "local"])
def test_arguments_arrive_as_they_are_under_every_launcher(folder: Path, name: str) -> None:
    words = ["'; touch x; '", "$HOME", "a b", "*"]
    assert flowloft.demo.say(launcher=launchers.find(name))(*words) == str(words)
    for word in words:
        assert flowloft.demo.test_cmd(launcher=launchers.find(name))(word) == f"input is {word}"
        assert flowloft.demo.quoted(launcher=launchers.find(name))(word, width=3) == f"[{word}] 3"
    assert not (folder / "x").exists()


@pytest.mark.parametrize("name", ["empty", "local"])
def test_a_command_that_fails_raises_with_exit_code_and_stderr(name: str) -> None:
    with pytest.raises(FlowError) as caught:
        flowloft.demo.fail(launcher=launchers.find(name))(3)
    assert caught.value.error_code == "command_failed"
    assert caught.value.extra == {"exit_code": 3, "stderr": "going wrong"}


def test_a_function_runs_as_a_job_without_a_change() -> None:
    assert flowloft.demo.repeat(launcher=launchers.local, between="-")("a", times=3) == "a-a-a"


def test_what_is_no_plain_data_cannot_go_to_a_job() -> None:
    with pytest.raises(InputError):
        flowloft.demo.repeat(launcher=launchers.local)(object())


@pytest.mark.parametrize("name", ["empty", "local"])
def test_a_cancelled_command_leaves_no_process(folder: Path, name: str) -> None:
    pid = folder / "pid"

    def check() -> None:
        if pid.exists() and pid.read_text().endswith("\n"):
            raise Cancelled

    component_register.cmd("demo", name="wait")(lambda: ["sh", "-c", f"echo $$ > {pid}; sleep 300"])
    component = component_register.find("demo", "wait")
    component_register.remove(component)
    with pytest.raises(Cancelled):
        component(launcher=launchers.find(name)).run((), {}, check)
    end = time.monotonic() + 30
    while Path(f"/proc/{pid.read_text().strip()}").exists():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_an_option_that_a_launcher_has_not_is_named() -> None:
    with pytest.raises(BackendError, match=r"launchers.local has no option partition"):
        launchers.local(partition="a")
    assert launchers.slurm(partition="a", gpus=2, memory="1GiB").resources.memory == 1 << 30


def test_a_component_is_a_node_kind_with_ports_and_form() -> None:
    entry = kind_entry("demo.repeat", KINDS.get("demo.repeat"))
    assert [(port.name, port.type, port.required) for port in entry.inputs] == [("text", "text", True)]
    assert [port.type for port in entry.outputs] == ["text"]
    assert entry.settings_schema["properties"]["times"] == {"default": 2, "title": "Times", "type": "integer"}
    assert (entry.title, entry.description, entry.group) == ("Repeat", "Repeats a text.", "demo")
    assert [port.name for port in kind_entry("demo.say", KINDS.get("demo.say")).inputs] == ["words"]


def test_any_name_of_a_parameter_will_do_and_what_cannot_be_a_node_is_refused() -> None:
    def shown(title: str, copy: bool = False, group: object = None, depth: int = 1) -> str:
        return title

    async def later(text: str) -> str:
        return text

    component_register("demo")(shown)
    entry = kind_entry("demo.shown", KINDS.get("demo.shown"))
    component_register.remove(component_register.find("demo", "shown"))
    assert [(port.name, port.required) for port in entry.inputs] == [
        ("title", True),
        ("copy", False),
        ("group", False),
    ]
    assert set(entry.settings_schema["properties"]) == {"runs_on", "depth"}
    assert KINDS.get("demo.repeat").title == "Repeat"
    with pytest.raises(FlowError, match="asynchronous"):
        component_register("demo")(later)


def test_a_component_runs_in_a_flow(folder: Path) -> None:
    document = {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {
            "nodes": {
                "a": {"kind": "text", "settings": {"text": "hi"}},
                "b": {"kind": "demo.repeat", "settings": {"times": 3, "runs_on": "local"}},
                "c": {"kind": "demo.say", "settings": {}},
                "out": {"kind": "output", "settings": {"name": "out"}},
            },
            "edges": {
                "1": {"source": "a", "source_port": "output", "target": "b", "target_port": "text"},
                "2": {"source": "b", "source_port": "output", "target": "c", "target_port": "words"},
                "3": {"source": "c", "source_port": "output", "target": "out", "target_port": "value"},
            },
        },
    }
    compiled = flowloft.compile_flow(document)
    assert compiled.plan is not None, compiled.findings
    assert flowloft.run_plan(compiled.plan, {}).outputs == {"out": "['hi hi hi']"}


def test_components_are_ordinary_functions_in_a_flow() -> None:
    assert flowloft.pipeline(flowloft.demo.test(), flowloft.demo.test_cmd())("x") == "input is input is x"


def test_unknown_names_say_what_there_is() -> None:
    with pytest.raises(AttributeError, match="has no component 'nothing'; it has: fail, quoted, repeat"):
        _ = flowloft.demo.nothing
    with pytest.raises(FlowError) as caught:
        component_register("nowhere")
    assert caught.value.error_code == "unknown_group"


def test_a_group_cannot_hide_a_part_of_flowloft() -> None:
    for name in ("pipeline", "core", "launchers"):
        with pytest.raises(FlowError) as caught:
            component_register.new_group(name)
        assert caught.value.error_code == "name_taken"


def test_importing_flowloft_loads_no_component_machinery() -> None:
    code = "import flowloft, sys; print(sorted(name for name in sys.modules if name.startswith('flowloft')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['flowloft']"
