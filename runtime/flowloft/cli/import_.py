"""Reads a Python or YAML file as a flow in JSON, or unpacks an archive; runs nothing of either."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from flowloft.bundle.packing import unpack
from flowloft.cli._flows import spec_of
from flowloft.cli._output import Progress, write
from flowloft.codegen.console import SUCCEEDED
from flowloft.codegen.files import write_flow
from flowloft.core.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this command takes."""
    parser.add_argument("flow", help="a Python, YAML or JSON file, or an archive (.zip)")
    parser.add_argument(
        "--output", "-o", type=Path, help="a file instead of the terminal; a folder for an archive"
    )


def run(options: argparse.Namespace) -> int:
    """Writes the document, or the files."""
    if not options.flow.lower().endswith(".zip"):
        write(write_flow(spec_of(options.flow), "json"), options)
        return SUCCEEDED
    if options.output is None:
        raise InputError("An archive is unpacked into a folder.", hint="Add --output FOLDER.")
    if not Path(options.flow).is_file():
        raise InputError(f"There is no file “{options.flow}”.", hint="Name an archive.")
    with Progress(options) as progress:
        progress.say("unpacking")
        paths = unpack(Path(options.flow), options.output)
    print(json.dumps({"files": paths}, ensure_ascii=False) if options.json else "\n".join(paths))
    return SUCCEEDED
