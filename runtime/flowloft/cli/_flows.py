"""Flows as they are named on a command line."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from flowloft.codegen.files import SUFFIXES, FileFormat, read_flow
from flowloft.components import load_components
from flowloft.core.errors import FlowError
from flowloft.core.findings import Finding
from flowloft.core.spec import FlowSpec
from flowloft.engine.compile.document import read_document
from flowloft.engine.compile.upgrade import upgrade
from flowloft.templates import template

Document = dict[str, Any]
FOLDER = "FLOWLOFT_COMPONENTS"
"""Names the folder whose components the flows of a command may use."""


def load_own_components() -> None:
    """Loads the components of the folder that ``FLOWLOFT_COMPONENTS`` names; a file that fails stops
    nothing, and is named on stderr."""
    folder = os.environ.get(FOLDER, "")
    for result in load_components(folder) if folder else []:
        if result.error:
            sys.stderr.write(f"warning: {result.file}: {result.error['message']}\n")


def document_of(place: str) -> Document:
    """Reads a flow document from a JSON, YAML or Python file, or from ``template:NAME``.

    Raises:
        FlowError: ``no_file``, ``cannot_import``.
    """
    if place.startswith("template:"):
        return template(place.removeprefix("template:")).document.document()
    return upgrade(read_flow(text_of(place), format_of_name(place)))


def spec_of(place: str) -> FlowSpec:
    """Reads a flow.

    Raises:
        FlowError: ``not_a_flow``, with ``extra["path"]`` of the first place that does not fit.
    """
    findings: list[Finding] = []
    spec = read_document(document_of(place), findings)
    if spec is None:
        first = findings[0]
        raise FlowError(
            f"“{place}” is no flow: {first.message}",
            code="not_a_flow",
            hint=first.hint,
            extra={"path": first.path},
        )
    return spec


def text_of(place: str) -> str:
    """Reads a text file.

    Raises:
        FlowError: ``no_file``.
    """
    try:
        return Path(place).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FlowError(
            f"“{place}” can't be read: {error}.", code="no_file", hint="Name a flow file."
        ) from error


def format_of_name(place: str) -> FileFormat | None:
    """Says what a file's name promises; None where it promises nothing."""
    suffix = Path(place).suffix.lower().replace(".yml", ".yaml")
    return next((format for format, known in SUFFIXES.items() if known == suffix), None)
