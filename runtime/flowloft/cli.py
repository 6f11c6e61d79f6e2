"""``flowloft``: run, export and import flows from a shell.

Exit codes: 0 done, 1 the run failed, 2 wrong arguments or a flow with errors, 130 cancelled.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import flowloft
from flowloft.codegen import read_source, write_source
from flowloft.codegen.console import FAILED, SUCCEEDED, USAGE, add_run_arguments, run_document
from flowloft.core.errors import FlowError, FlowloftError
from flowloft.core.spec import FlowSpec, flow_schema
from flowloft.engine.compile.upgrade import upgrade
from flowloft.templates import load_templates, template

Document = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return int(options.command(options))
    except FlowloftError as error:
        if getattr(options, "json", False):
            print(json.dumps(error.payload(), ensure_ascii=False))
        print(f"error: {error.message} {error.hint}", file=sys.stderr)
        return USAGE if isinstance(error, FlowError) else FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="flowloft", description="Runs and converts flows.")
    parser.add_argument("--version", action="version", version=f"flowloft {flowloft.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="run a flow: a JSON or Python file, or template:NAME")
    run.add_argument("flow")
    add_run_arguments(run)
    run.set_defaults(command=_run)

    export = commands.add_parser("export", help="write a flow as Python")
    export.add_argument("flow")
    export.add_argument("--output", "-o", type=Path, help="a file instead of the terminal")
    export.set_defaults(command=_export)

    read = commands.add_parser("import", help="read a Python file as a flow, without running it")
    read.add_argument("flow")
    read.add_argument("--output", "-o", type=Path, help="a file instead of the terminal")
    read.set_defaults(command=_import)

    schema = commands.add_parser("schema", help="print the JSON Schema of flow documents")
    schema.set_defaults(command=_schema)

    templates = commands.add_parser("templates", help="list the flows to start from")
    templates.add_argument("--json", action="store_true", help="as JSON")
    templates.set_defaults(command=_templates)
    return parser


def _run(options: argparse.Namespace) -> int:
    return run_document(_read(options.flow), options)


def _export(options: argparse.Namespace) -> int:
    title = Path(options.flow).stem.replace("_", " ").capitalize()
    _write(write_source(_read(options.flow), title=title), options.output)
    return SUCCEEDED


def _import(options: argparse.Namespace) -> int:
    document = FlowSpec.model_validate(_read(options.flow)).document()
    _write(json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n", options.output)
    return SUCCEEDED


def _schema(options: argparse.Namespace) -> int:
    print(json.dumps(flow_schema(), indent=2))
    return SUCCEEDED


def _templates(options: argparse.Namespace) -> int:
    found = load_templates()
    if options.json:
        print(json.dumps([one.model_dump(mode="json", exclude={"document"}) for one in found]))
    else:
        for one in found:
            print(f"{one.key:12} {one.title}: {one.description}")
    return SUCCEEDED


def _read(place: str) -> Document:
    """Reads a flow document from a file or a template."""
    if place.startswith("template:"):
        return template(place.removeprefix("template:")).document.document()
    try:
        text = Path(place).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FlowError(
            f"“{place}” can't be read: {error}.", code="no_file", hint="Name a flow file."
        ) from error
    if place.endswith(".py"):
        return read_source(text)
    try:
        return upgrade(json.loads(text))
    except ValueError as error:
        raise FlowError(
            f"“{place}” is no JSON: {error}.",
            code="not_a_flow",
            hint="Export the flow again, as JSON or as Python.",
        ) from error


def _write(text: str, target: Path | None) -> None:
    if target is None:
        print(text, end="")
    else:
        target.write_text(text, "utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
