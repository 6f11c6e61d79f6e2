"""Reads a Python or YAML file as a flow in JSON, without running it."""

from __future__ import annotations

import argparse
from pathlib import Path

from flowloft.cli._flows import spec_of
from flowloft.cli._output import write
from flowloft.codegen.console import SUCCEEDED
from flowloft.codegen.files import write_flow


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this command takes."""
    parser.add_argument("flow")
    parser.add_argument("--output", "-o", type=Path, help="a file instead of the terminal")


def run(options: argparse.Namespace) -> int:
    """Writes the document."""
    write(write_flow(spec_of(options.flow), "json"), options.output)
    return SUCCEEDED
