"""Writes a flow as Python, JSON or YAML, or flows as a bundle; without secrets."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from flowloft.bundle.packing import FORMS, pack
from flowloft.bundle.project import ProjectFlow
from flowloft.cli._flows import spec_of
from flowloft.cli._output import Progress, write
from flowloft.codegen.console import SUCCEEDED
from flowloft.codegen.files import FORMATS, write_flow
from flowloft.core.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this command takes."""
    parser.add_argument("flow", nargs="+", help="a JSON, YAML or Python file, or template:NAME")
    parser.add_argument("--format", "-f", choices=FORMATS, default="python", help="by default python")
    parser.add_argument("--form", choices=FORMS, help="a zip of all flows, in place of the file of one")
    parser.add_argument("--title", help="name of the flow; by default that of its file")
    parser.add_argument("--output", "-o", type=Path, help="a file instead of the terminal")


def run(options: argparse.Namespace) -> int:
    """Writes the file."""
    if options.title and len(options.flow) > 1:
        raise InputError("A title is for one flow.", hint="Leave --title out: the files name the flows.")
    if options.form:
        return _bundle(options)
    if len(options.flow) > 1:
        raise InputError("Several flows are no single file.", hint="Add --form archive and --output.")
    (place,) = options.flow
    write(write_flow(spec_of(place), options.format, title=_title(options, place)), options)
    return SUCCEEDED


def _bundle(options: argparse.Namespace) -> int:
    if options.output is None:
        raise InputError("A bundle is no text for a terminal.", hint="Add --output FILE.zip.")
    flows = [ProjectFlow(_title(options, place), spec_of(place)) for place in options.flow]
    with Progress(options) as progress:
        progress.say("packing")
        warnings = pack(flows, options.form, options.output)
    for warning in warnings:
        sys.stderr.write(f"warning: {warning}\n")
    if options.json:
        print(json.dumps({"file": str(options.output), "warnings": warnings}, ensure_ascii=False))
    return SUCCEEDED


def _title(options: argparse.Namespace, place: str) -> str:
    name = Path(place.removeprefix("template:")).stem
    return options.title or name.replace("_", " ").capitalize()
