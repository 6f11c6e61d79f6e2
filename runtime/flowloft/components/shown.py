"""The components of a folder for a process that must not run them: signatures, read by another one.

``python -m flowloft.components.shown FOLDER`` loads the files and prints what they register.
"""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
import typing
from pathlib import Path
from typing import Any

from flowloft.components.component import Component
from flowloft.components.folder import ComponentFolder
from flowloft.components.kind import kind_of
from flowloft.components.register import component_register
from flowloft.core.catalogue import kind_entry
from flowloft.core.errors import FlowError
from flowloft.core.node import Node
from flowloft.core.registry import KINDS
from flowloft.core.types import PortType, port_type

SECONDS = 60.0
_TYPES: dict[str, Any] = {
    "integer": int,
    PortType.TEXT: str,
    PortType.NUMBER: float,
    PortType.BOOLEAN: bool,
    PortType.LIST: list[Any],
    PortType.RECORD: dict[str, Any],
}


class ShownFolder:
    """The kinds of a folder's components, to draw, check and save flows with, but not to run them."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self.files: list[dict[str, Any]] = []
        """Of each file: ``file``, ``error`` (None, or four fields) and ``components``."""
        self._stamp: object = None
        self._kinds: dict[str, type[Node]] = {}

    def refresh(self) -> bool:
        """Reads the folder again where a file has changed; returns whether that was so."""
        stamp = stamp_of(self.folder)
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        self.forget()
        self.files = _read_apart(self.folder)
        for file in self.files:
            for told in file["components"]:
                key = told["entry"]["key"]
                if key not in KINDS:
                    self._kinds[key] = _stub(told)
                    KINDS.register(key, self._kinds[key])
        return True

    def forget(self) -> None:
        """Takes the kinds back, so that the components themselves can be loaded."""
        for key in self._kinds:
            KINDS.unregister(key)
        self._kinds.clear()

    def entries(self) -> dict[str, dict[str, Any]]:
        """Returns the catalogue entry of each kind, as the component itself makes it."""
        told = [one for file in self.files for one in file["components"]]
        return {one["entry"]["key"]: one["entry"] for one in told if one["entry"]["key"] in self._kinds}


def stamp_of(folder: Path) -> object:
    """Returns what differs once a file of the folder has."""
    found = ((path.name, path.stat()) for path in sorted(folder.glob("*.py")))
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in found)


def _read_apart(folder: Path) -> list[dict[str, Any]]:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "flowloft.components.shown", str(folder)],
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        return [_failed(folder, f"They did not load within {SECONDS:.0f} s.")]
    except (ValueError, IndexError):
        return [_failed(folder, done.stderr.decode("utf-8", "replace")[-500:] or "Loading them ended it.")]
    return found


def _failed(folder: Path, why: str) -> dict[str, Any]:
    error = {
        "code": "component_file_failed",
        "message": why,
        "hint": "Find the file with: flowloft components FOLDER",
        "extra": {},
    }
    return {"file": str(folder), "error": error, "components": []}


def _stub(told: dict[str, Any]) -> type[Node]:
    """Makes a kind with the same ports and settings, whose function is elsewhere."""

    def elsewhere(*_: Any, **__: Any) -> Any:
        raise FlowError(
            f"The component {told['entry']['key']} is not run in this process.",
            code="component_elsewhere",
            hint="Start the flow as a run; a worker runs it.",
        )

    elsewhere.__doc__ = told["entry"]["docs"]
    elsewhere.__annotations__ = {name: _TYPES.get(kind, Any) for name, kind in told["hints"].items()}
    elsewhere.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(
                one["name"],
                inspect._ParameterKind[one["kind"]],
                default=one.get("default", inspect.Parameter.empty),
            )
            for one in told["parameters"]
        ]
    )
    return kind_of(Component(told["group"], told["name"], elsewhere, told["command"], told["effect"]))


def describe(folder: str) -> list[dict[str, Any]]:
    """Loads the files of a folder and tells what they register, as plain data."""
    results = ComponentFolder(folder).refresh()
    by_key = {component.key: component for component in component_register.components()}
    return [
        {
            "file": result.file,
            "error": result.error,
            "components": [_told(by_key[key]) for key in result.components if key in by_key],
        }
        for result in results
    ]


def _told(component: Component) -> dict[str, Any]:
    hints = typing.get_type_hints(component.function)
    kind = KINDS.get(component.key)
    settings = kind.model_fields
    return {
        "group": component.group,
        "name": component.name,
        "command": component.command,
        "effect": component.effect,
        "entry": kind_entry(component.key, kind).model_dump(mode="json"),
        "hints": {name: "integer" if hint is int else port_type(hint)[0] for name, hint in hints.items()},
        "parameters": [
            {
                "name": one.name,
                "kind": one.kind.name,
                # A default that is no setting is not plain data: it is enough to know of it.
                **(
                    {}
                    if one.default is one.empty
                    else {"default": one.default if one.name in settings else None}
                ),
            }
            for one in inspect.signature(component.function).parameters.values()
        ],
    }


if __name__ == "__main__":
    out = os.dup(1)
    os.dup2(2, 1)  # what the files print is not the answer
    text = json.dumps(describe(sys.argv[1]), default=str)
    sys.stdout.flush()
    with os.fdopen(out, "w", encoding="utf-8") as answer:
        answer.write(f"{text}\n")
