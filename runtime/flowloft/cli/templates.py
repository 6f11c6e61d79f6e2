"""Lists the flows to start from."""

from __future__ import annotations

import argparse
import json

from flowloft.codegen.console import SUCCEEDED
from flowloft.templates import load_templates


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds nothing: the command takes no arguments."""


def run(options: argparse.Namespace) -> int:
    """Prints the list."""
    found = load_templates()
    if options.json:
        print(json.dumps([one.model_dump(mode="json", exclude={"document"}) for one in found]))
    else:
        for one in found:
            print(f"{one.key:12} {one.title}: {one.description}")
    return SUCCEEDED
