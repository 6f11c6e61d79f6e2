"""Writes a flow as Python, JSON or YAML, without secrets."""

from __future__ import annotations

import argparse
from pathlib import Path

from flowloft.cli._flows import spec_of
from flowloft.cli._output import write
from flowloft.codegen.console import SUCCEEDED
from flowloft.codegen.files import FORMATS, write_flow


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this command takes."""
    parser.add_argument("flow")
    parser.add_argument("--format", "-f", choices=FORMATS, default="python", help="by default python")
    parser.add_argument("--title", help="first line of a Python file; by default the name of the flow's file")
    parser.add_argument("--output", "-o", type=Path, help="a file instead of the terminal")


def run(options: argparse.Namespace) -> int:
    """Writes the file."""
    title = options.title or Path(options.flow).stem.replace("_", " ").capitalize()
    write(write_flow(spec_of(options.flow), options.format, title=title), options.output)
    return SUCCEEDED
