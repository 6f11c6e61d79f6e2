"""Runs a flow once: a JSON, YAML or Python file, or template:NAME.

The answer comes as it is made; with --json every event is a line of JSON.
"""

from __future__ import annotations

import argparse

from flowloft.cli._flows import document_of, load_own_components
from flowloft.codegen.console import add_run_arguments, run_document


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds what this command takes."""
    parser.add_argument("flow")
    add_run_arguments(parser)


def run(options: argparse.Namespace) -> int:
    """Runs the flow."""
    load_own_components()
    return run_document(document_of(options.flow), options)
