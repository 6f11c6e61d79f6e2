"""Lists the components of a folder, and checks that each of its files loads.

The files are run, as the owner's own code, on this machine. Exit code 1 where one fails.
"""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

from flowloft.cli._flows import FOLDER
from flowloft.codegen.console import FAILED, SUCCEEDED
from flowloft.components import ComponentFolder
from flowloft.core.catalogue import kind_entry
from flowloft.core.errors import FlowError
from flowloft.core.registry import KINDS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this command takes."""
    parser.add_argument("folder", nargs="?", help=f"by default the value of {FOLDER}")


def run(options: argparse.Namespace) -> int:
    """Loads the folder and tells what it holds."""
    folder = options.folder or os.environ.get(FOLDER, "")
    if not os.path.isdir(folder):
        raise FlowError(
            f"“{folder}” is no folder." if folder else "No folder of components is named.",
            code="no_folder",
            hint=f"Write flowloft components FOLDER, or set {FOLDER}.",
        )
    files = [
        {
            "file": result.file,
            "components": [_described(key) for key in result.components],
            "error": result.error,
        }
        for result in ComponentFolder(folder).refresh()
    ]
    if options.json:
        print(json.dumps(files, ensure_ascii=False))
    else:
        _show(files)
    return FAILED if any(file["error"] for file in files) else SUCCEEDED


def _described(key: str) -> dict[str, Any]:
    entry = kind_entry(key, KINDS.get(key))
    return {
        "key": key,
        "title": entry.title,
        "description": entry.description,
        "inputs": [port.name for port in entry.inputs],
        "settings": list(entry.settings_schema["properties"]),
        "outputs": [port.name for port in entry.outputs],
    }


def _show(files: list[dict[str, Any]]) -> None:
    if not files:
        print("There is no component file: *.py whose name does not begin with _.")
    for file in files:
        print(file["file"])
        for one in file["components"]:
            print(f"  {one['key']}({', '.join([*one['inputs'], *one['settings']])})  {one['description']}")
        if file["error"]:
            line = file["error"]["extra"].get("line")
            print(f"  failed{f' in line {line}' if line else ''}: {file['error']['message']}")
