"""Prints the JSON Schema of flow documents."""

from __future__ import annotations

import argparse
import json

from flowloft.codegen.console import SUCCEEDED
from flowloft.core.spec import flow_schema


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds nothing: the command takes no arguments."""


def run(options: argparse.Namespace) -> int:
    """Prints the schema, which is JSON in any case."""
    print(json.dumps(flow_schema(), indent=None if options.json else 2))
    return SUCCEEDED
