"""Flows as a Python project: unpacked in an empty folder it installs, and it answers.

Flowloft itself lies in it as a wheel, and every other package is pinned to the version with which the
flows ran in the studio.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import flowloft
from flowloft.bundle.manifest import file_stem
from flowloft.bundle.needs import BUILTIN, requirements
from flowloft.bundle.pins import ALONE, extras_of, packages_of, pins
from flowloft.bundle.tree import Tree
from flowloft.bundle.wheel import wheel_bytes, wheel_name
from flowloft.codegen.files import write_flow
from flowloft.codegen.write import example_call
from flowloft.core.provider import PROVIDERS
from flowloft.core.spec import FlowSpec

COMPONENTS = "components"
"""Folder of a project with the component files that its flows use."""
_IMPORT = "from flowloft.codegen import Drawing\n"
_LOAD = (
    "from pathlib import Path\n\n"
    "from flowloft.codegen import Drawing\n"
    "from flowloft.components import load_components\n\n"
    f'load_components(Path(__file__).parent / "{COMPONENTS}")\n'
)


@dataclass(frozen=True)
class ProjectFlow:
    """A flow of a project.

    Attributes:
        name: As a person called it.
        spec: Without secrets already.
    """

    name: str
    spec: FlowSpec


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes:
        modules: Python files of the flows, in the order of the flows.
        warnings: What the reader of the project has to know.
    """

    modules: list[str]
    warnings: list[str]


def write_project(tree: Tree, flows: Sequence[ProjectFlow], *, components: bool = False) -> Written:
    """Fills a tree with a project.

    Args:
        flows: At least one; the first gives the project its name.
        components: Whether the folder ``components`` is in the tree, to be loaded by the flows.
    """
    needs = requirements([flow.spec for flow in flows])
    pinned, absent = pins(extras_of(needs.kinds) | packages_of(needs.models))
    modules = _modules(flows)
    for module, flow in zip(modules, flows, strict=True):
        source = write_flow(flow.spec, "python", title=flow.name)
        tree.add(module, source.replace(_IMPORT, _LOAD, 1) if components else source)
        tree.add(module.removesuffix(".py") + ".json", write_flow(flow.spec, "json", title=flow.name))
    wheel = f"wheels/{wheel_name()}"
    tree.add(wheel, wheel_bytes())
    tree.add("requirements.txt", _requirements(pinned, wheel))
    tree.add("pyproject.toml", _pyproject(flows[0].name, modules, pinned))
    tree.add("tests/test_flows.py", _test(modules))
    keys = _keys(needs.models)
    tree.add("README.md", _readme(flows, modules, keys))
    warnings = [
        f"“{name}” is not installed in this studio, so the project does not pin it." for name in absent
    ]
    strange = [name for name in needs.credentials if name not in PROVIDERS]
    warnings += [
        f"The project finds models by vendor; “{name}” is a connection of this studio. "
        f"Name a vendor in its place."
        for name in strange
    ]
    return Written(modules, warnings)


def _modules(flows: Sequence[ProjectFlow]) -> list[str]:
    if len(flows) == 1:
        return ["flow.py"]
    stems: list[str] = []
    for flow in flows:
        stems.append(file_stem(flow.name, {*stems, "tests", COMPONENTS}, ascii_only=True))
    return [f"{stem}.py" for stem in stems]


def _requirements(pinned: dict[str, str], wheel: str) -> str:
    lines = [f"{name}=={version}" for name, version in pinned.items()]
    return "\n".join(["# Complete: install with --no-deps.", f"./{wheel}", *lines]) + "\n"


def _pyproject(name: str, modules: Sequence[str], pinned: dict[str, str]) -> str:
    """Names the packages as well, for tools that read no requirements.txt."""
    # What is taken for its files only would drag in what it says it needs.
    used = {key: version for key, version in pinned.items() if key not in ALONE}
    listed = [f"flowloft=={flowloft.__version__}", *(f"{key}=={version}" for key, version in used.items())]
    names = json.dumps([module.removesuffix(".py") for module in modules])
    project = file_stem(name, (), ascii_only=True).replace("_", "-")
    return "\n".join(
        [
            "[build-system]",
            'requires = ["setuptools>=80"]',
            'build-backend = "setuptools.build_meta"',
            "",
            "[project]",
            f'name = "{project}"',
            'version = "0.1.0"',
            f"description = {json.dumps(name, ensure_ascii=False)}",
            'requires-python = ">=3.11"',
            f"dependencies = {json.dumps(listed, indent=4)}",
            "",
            "[tool.setuptools]",
            f"py-modules = {names}",
            "",
            "[tool.uv]",
            'find-links = ["wheels"]',
            "",
        ]
    )


def _test(modules: Sequence[str]) -> str:
    names = [module.removesuffix(".py") for module in modules]
    return f'''"""The flows of this project can run: nothing in them is missing here."""

from __future__ import annotations

import importlib
import sys
import unittest
from pathlib import Path

from flowloft.engine import compile_flow

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

FLOWS = {json.dumps(names)}


class Flows(unittest.TestCase):
    def test_each_can_run(self) -> None:
        for name in FLOWS:
            with self.subTest(name):
                compiled = compile_flow(importlib.import_module(name).flow.document())
                remarks = [found.message for found in compiled.findings if found.level == "error"]
                self.assertEqual(remarks, [])


if __name__ == "__main__":
    unittest.main()
'''


def _keys(models: Sequence[str]) -> list[str]:
    """Returns the environment variables that hold the keys of the vendors that are used."""
    names = {ref.partition("/")[0] for ref in models if "/" in ref} - {BUILTIN}
    return sorted(key for name in names if name in PROVIDERS and (key := PROVIDERS.get(name).key_env))


def _readme(flows: Sequence[ProjectFlow], modules: Sequence[str], keys: Sequence[str]) -> str:
    lines = [f"# {flows[0].name}", "", "Exported from Flowloft. You need Python 3.11 or newer.", ""]
    lines += ["```sh", "python -m venv .venv", ".venv/bin/pip install --no-deps -r requirements.txt"]
    lines += [f"export {key}=..." for key in keys]
    lines += [
        f".venv/bin/python {module}{example_call(flow.spec)}"
        for module, flow in zip(modules, flows, strict=True)
    ]
    lines += [".venv/bin/python -m unittest discover tests", "```", ""]
    lines += [
        "`requirements.txt` lists every package with its version, and Flowloft itself as a wheel in "
        "`wheels/`: nothing is resolved anew, hence `--no-deps`.",
        "",
        "| file | flow |",
        "|---|---|",
        *(f"| `{module}` | {_cell(flow.name)} |" for module, flow in zip(modules, flows, strict=True)),
        "",
        "The `.json` beside each file is the same flow; import it in a studio to draw it.",
        "",
    ]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
