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
from flowloft.codegen.console import FAILED, SUCCEEDED, USAGE, add_run_arguments, run_document
from flowloft.codegen.files import FORMATS, SUFFIXES, FileFormat, read_flow, write_flow
from flowloft.core.errors import FlowError, FlowloftError
from flowloft.core.findings import Finding
from flowloft.core.spec import FlowSpec, flow_schema
from flowloft.engine.compile.document import read_document
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

    run = commands.add_parser("run", help="run a flow: a JSON, YAML or Python file, or template:NAME")
    run.add_argument("flow")
    add_run_arguments(run)
    run.set_defaults(command=_run)

    export = commands.add_parser("export", help="write a flow as Python, JSON or YAML, without secrets")
    export.add_argument("flow")
    export.add_argument("--format", "-f", choices=FORMATS, default="python", help="by default python")
    export.add_argument("--title", help="first line of a Python file; by default the name of the flow's file")
    export.add_argument("--output", "-o", type=Path, help="a file instead of the terminal")
    export.set_defaults(command=_export)

    read = commands.add_parser("import", help="read a Python or YAML file as JSON, without running it")
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
    title = options.title or Path(options.flow).stem.replace("_", " ").capitalize()
    _write(write_flow(_spec(options.flow), options.format, title=title), options.output)
    return SUCCEEDED


def _import(options: argparse.Namespace) -> int:
    _write(write_flow(_spec(options.flow), "json"), options.output)
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
    return upgrade(read_flow(text, _format(place)))


def _spec(place: str) -> FlowSpec:
    """Reads a flow.

    Raises:
        FlowError: ``not_a_flow``, with ``extra["path"]`` of the first place that does not fit.
    """
    findings: list[Finding] = []
    spec = read_document(_read(place), findings)
    if spec is None:
        first = findings[0]
        raise FlowError(
            f"“{place}” is no flow: {first.message}",
            code="not_a_flow",
            hint=first.hint,
            extra={"path": first.path},
        )
    return spec


def _format(place: str) -> FileFormat | None:
    suffix = Path(place).suffix.lower().replace(".yml", ".yaml")
    return next((format for format, known in SUFFIXES.items() if known == suffix), None)


def _write(text: str, target: Path | None) -> None:
    if target is None:
        print(text, end="")
    else:
        target.write_text(text, "utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
