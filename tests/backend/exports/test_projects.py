"""A project that leaves the studio runs where there is none. If these fail, people hold a dead zip."""

from __future__ import annotations

import hashlib
import importlib.metadata as metadata
import io
import json
import os
import re
import secrets
import shlex
import socket
import subprocess
import sys
import threading
import time
import tomllib
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import flowloft
import httpx
import pytest
from flowloft.cli import main
from flowloft.components import component_register, load_components
from flowloft.templates import load_templates

from tests.backend.exports.conftest import Bundles
from tests.backend.exports.test_bundles import nest

UNKNOWN_TO_IT = ("FLOWLOFT_", "PYTHON", "DJANGO", "VIRTUAL_ENV")


def unpacked(archive: bytes, folder: Path) -> Path:
    folder.mkdir()
    zipfile.ZipFile(io.BytesIO(archive)).extractall(folder)
    return folder


def called(*command: str, cwd: Path, **more: str) -> str:
    """Runs a command in an environment that knows nothing of this checkout; returns what it says."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(UNKNOWN_TO_IT)}
    environment |= {"OMP_NUM_THREADS": "1", "FLOWLOFT_DATA": str(cwd.parent / "data"), **more}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def template(api: Any, key: str = "chatbot") -> str:
    return str(api.post("/api/v1/flows", {"template": key}).json()["id"])


def test_every_package_has_its_version(bundles: Bundles, api: Any) -> None:
    archive = bundles.exported(template(api), template(api, "story"), form="python_project")
    packed = zipfile.ZipFile(io.BytesIO(archive))
    lines = packed.read("requirements.txt").decode().splitlines()[1:]
    wheel = f"wheels/flowloft-{flowloft.__version__}-py3-none-any.whl"
    assert lines[0] == f"./{wheel}"
    assert all(re.fullmatch(r"[a-z0-9.-]+==\S+", line) for line in lines[1:])
    project = tomllib.loads(packed.read("pyproject.toml").decode())
    assert set(project["project"]["dependencies"]) <= {*lines, f"flowloft=={flowloft.__version__}"}
    assert {"chatbot.py", "chatbot.json"} <= set(packed.namelist())
    inside = zipfile.ZipFile(io.BytesIO(packed.read(wheel))).namelist()
    assert "flowloft/nodes/chat_model.py" in inside
    assert not [name for name in inside if "__pycache__" in name]


@pytest.mark.parametrize("form", ["python_project", "docker_context"])
def test_the_shell_packs_the_same_bytes(bundles: Bundles, api: Any, tmp_path: Path, form: str) -> None:
    flow = template(api, "debate")
    stored, packed = tmp_path / "flow.json", tmp_path / "out.zip"
    stored.write_bytes(api.get(f"/api/v1/flows/{flow}/export").content)
    name = api.get(f"/api/v1/flows/{flow}").json()["name"]
    arguments = [str(stored), "--form", form, "--title", name, "--output", str(packed)]
    assert main(["export", *arguments]) == 0
    assert packed.read_bytes() == bundles.exported(flow, form=form)


@pytest.fixture
def component(tmp_path: Path) -> Iterator[str]:
    """A component of one's own, in a file."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "shouting.py").write_text(
        "from flowloft.components import component_register\n"
        'component_register.new_group("export_test")\n'
        '@component_register("export_test")\n'
        "def shout(text: str) -> str:\n"
        "    return text.upper() + '!'\n"
    )
    load_components(folder)
    yield "export_test.shout"
    component_register.remove(component_register.find("export_test", "shout"))


def shouting(api: Any, kind: str, *, model: bool = False) -> str:
    """Saves a flow that says what it was told, or what the model in the box answers, with a component."""
    nodes = {"ask": {"kind": "chat_input"}, "do": {"kind": kind}, "say": {"kind": "chat_output"}}
    edges = {
        "e1": {"source": "ask", "source_port": "text", "target": "do", "target_port": "text"},
        "e2": {"source": "do", "source_port": "output", "target": "say", "target_port": "text"},
    }
    if model:
        nodes["model"] = {"kind": "chat_model"}
        edges["e1"] |= {"source": "model", "source_port": "output"}
        edges["e0"] = {
            "source": "ask",
            "source_port": "text",
            "target": "model",
            "target_port": "messages",
        }
    document = {
        "schema": "flowloft/flow",
        "schema_version": 1,
        "kind": "flow",
        "graph": {"nodes": nodes, "edges": edges},
    }
    return str(api.post("/api/v1/flows", {"name": "Shout", "document": document}).json()["id"])


def test_components_go_along_and_are_never_run_by_an_import(
    bundles: Bundles, api: Any, component: str, tmp_path: Path
) -> None:
    flow = shouting(api, component)
    archive = bundles.exported(flow)
    manifest = json.loads(zipfile.ZipFile(io.BytesIO(archive)).read("manifest.json"))
    assert manifest["parts"]["components"] == {"shouting.py": [component]}
    kept = bundles.made(flow, parts={"components": {"include": False}})
    assert [warning for warning in kept["warnings"] if component in warning]
    project = unpacked(bundles.exported(flow, form="python_project"), tmp_path / "project")
    source = str(Path(flowloft.__file__).parents[1])
    assert called(sys.executable, "flow.py", "hello", cwd=project, PYTHONPATH=source) == "HELLO!\n"
    component_register.remove(component_register.find("export_test", "shout"))
    api.delete(f"/api/v1/flows/{flow}")
    said = bundles.imported(archive).json()
    assert [warning for warning in said["warnings"] if "shouting.py" in warning]
    assert component not in [one.key for one in component_register.components()]
    load_components(tmp_path / "mine")


def test_a_flow_that_calls_others_runs_by_itself(bundles: Bundles, api: Any, tmp_path: Path) -> None:
    outer = nest(api, "draft")[0]
    project = unpacked(bundles.exported(outer, form="python_project"), tmp_path / "project")
    assert sorted(one.name for one in project.glob("*.py")) == ["flow.py"]
    source = str(Path(flowloft.__file__).parents[1])
    assert called(sys.executable, "flow.py", "Ada", cwd=project, PYTHONPATH=source) == "Dear Ada\n"


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.model
def test_a_template_answers_in_an_empty_folder(bundles: Bundles, api: Any, tmp_path: Path) -> None:
    project = unpacked(bundles.exported(template(api), form="python_project"), tmp_path / "project")
    readme = (project / "README.md").read_text()
    commands = [shlex.split(line) for line in readme.partition("```sh\n")[2].partition("```")[0].splitlines()]
    make, install, run, check = commands
    called(sys.executable, *make[1:], cwd=project)
    called(*install, cwd=project)
    answer = called(*run[:-1], "What is the capital of Japan?", cwd=project)
    assert "Tokyo" in answer
    called(*check, cwd=project)


def installed(project: Path, folder: Path) -> Path:
    """Returns the Python of an environment that has what `requirements.txt` lists and nothing else: links to
    what is installed here, where installing the same from the registry would cost a minute."""
    python = folder / "bin" / "python"
    if python.exists():
        return python
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (packages,) = (folder / "lib").glob("python*/site-packages")
    for line in (project / "requirements.txt").read_text().splitlines()[1:]:
        name, _, version = line.partition("==")
        if not version:
            zipfile.ZipFile(project / name).extractall(packages)
            continue
        found = metadata.distribution(name)
        assert found.version == version
        for top in {Path(str(file)).parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
            if not (packages / top).exists():
                (packages / top).symlink_to(found.locate_file(top))
    return python


SAID = {
    "agent": ("What is 12 * 7?", r"84"),
    "many": ("tides\nmoss\n", r"tides.*moss"),
    "rag": ("When does the library open on Saturday?", r"Saturday"),
    "rag_zh": ("星期六几点开门？", r"星期六|周六"),
}
"""What is said to the program of a template, and what has to be in its answer."""


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.model
def test_every_template_answers_with_nothing_but_what_its_project_lists(
    bundles: Bundles, api: Any, tmp_path: Path
) -> None:
    def answered(key: str, project: Path) -> str:
        listed = hashlib.sha256((project / "requirements.txt").read_bytes()).hexdigest()[:8]
        with lock:
            python = str(installed(project, tmp_path / listed))
        called(python, "-m", "unittest", "discover", "tests", cwd=project)
        return called(python, "flow.py", SAID.get(key, ("The tide comes in.", ""))[0], cwd=project)

    projects = {
        one.key: unpacked(bundles.exported(template(api, one.key), form="python_project"), tmp_path / one.key)
        for one in load_templates()
    }
    lock = threading.Lock()
    with ThreadPoolExecutor(2) as pool:
        answers = dict(zip(projects, pool.map(answered, projects, projects.values()), strict=True))
    for key, answer in answers.items():
        assert re.search(SAID.get(key, ("", r"\w"))[1], answer, re.DOTALL), f"{key}: {answer}"


def docker_steps(context: Path) -> list[tuple[str, str]]:
    """Returns the instructions of a Dockerfile; fails at one that is none."""
    steps = []
    for line in (context / "Dockerfile").read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, rest = line.partition(" ")
            assert name in ("FROM", "ENV", "RUN", "WORKDIR", "COPY", "USER", "EXPOSE", "CMD"), line
            steps.append((name, rest))
    return steps


def test_a_docker_context_has_what_its_dockerfile_copies(bundles: Bundles, api: Any, tmp_path: Path) -> None:
    context = unpacked(bundles.exported(template(api), form="docker_context"), tmp_path / "context")
    steps = docker_steps(context)
    assert steps[0][0] == "FROM"
    assert re.fullmatch(r"python:3\.\d+-slim-\w+", steps[0][1]), "a version, never latest"
    for source in [rest.split()[0] for name, rest in steps if name == "COPY"]:
        assert (context / source).exists()
    assert "ENV FLOWLOFT_COMPONENTS" not in (context / "Dockerfile").read_text()
    users = [rest for name, rest in steps if name == "USER"]
    assert users
    assert users[-1] not in ("root", "0")
    assert json.loads(steps[-1][1])[:2] == ["flowloft", "serve"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.model
def test_the_steps_of_the_dockerfile_start_a_service_with_a_model_and_a_component(
    bundles: Bundles, api: Any, tmp_path: Path, component: str
) -> None:
    """There is no Docker here: its steps are done by hand, in a virtual environment for the image."""
    flow = shouting(api, component, model=True)
    context = unpacked(bundles.exported(flow, form="docker_context"), tmp_path / "context")
    called(sys.executable, "-m", "venv", str(tmp_path / "image"), cwd=tmp_path)
    places = f"{tmp_path / 'image' / 'bin'}:{os.environ['PATH']}"
    environment = {"PATH": places, "OMP_NUM_THREADS": "1", "FLOWLOFT_DATA": str(tmp_path / "data")}
    steps = docker_steps(context)
    for name, rest in steps:
        if name == "ENV":
            given = dict(one.split("=", 1) for one in rest.split())
            environment |= {key: value.replace("/app", str(context)) for key, value in given.items()}
        if name == "RUN" and rest.startswith("pip "):
            called("sh", "-c", rest, cwd=context, PATH=places)
    port, key = free_port(), secrets.token_urlsafe(16)
    command = json.loads(steps[-1][1])
    command[command.index("0.0.0.0")] = "127.0.0.1"
    command[command.index("8000")] = str(port)
    command[0] = str(tmp_path / "image" / "bin" / command[0])
    environment |= {"FLOWLOFT_KEY": key, "HOME": str(tmp_path)}
    process = subprocess.Popen(command, cwd=context, env=environment)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client:
            wait_for(client)
            asked = {"named": {"text": "What is the capital of Japan?"}}
            assert client.post("/run", json=asked).status_code == 401
            said = client.post("/run", json=asked, headers={"Authorization": f"Bearer {key}"})
            assert "TOKYO" in said.text, said.text
    finally:
        process.terminate()
        process.wait(60)


def wait_for(client: httpx.Client) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if client.get("/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("it did not start")
