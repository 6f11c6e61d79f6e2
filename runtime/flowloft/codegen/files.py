"""A flow as a file to keep or to hand on: JSON, YAML or Python, the same bytes for the same flow."""

from __future__ import annotations

import ast
import json
import re
from typing import Any, Literal, get_args

import yaml

from flowloft.codegen.read import read_source
from flowloft.codegen.shareable import shareable
from flowloft.codegen.write import write_source
from flowloft.codegen.yaml_text import read_yaml, write_yaml
from flowloft.core.errors import FlowError
from flowloft.core.findings import Finding
from flowloft.core.source import source_tree
from flowloft.core.spec import MAX_BYTES, FlowSpec

FileFormat = Literal["json", "yaml", "python"]
FORMATS: tuple[FileFormat, ...] = get_args(FileFormat)
SUFFIXES: dict[FileFormat, str] = {"json": ".json", "yaml": ".yaml", "python": ".py"}

_DRAWS = re.compile(
    r"^\s*\w+\s*=\s*(?:\w+\.)*Drawing\(|^(?:from|import)[ \t]+(?:flowloft|lazyllm)\b", re.MULTILINE
)
_BIGGEST_INTEGER_BITS = 1024


def write_flow(spec: FlowSpec, format: FileFormat, *, title: str = "Flow") -> str:
    """Writes a flow as the text of a file, keys sorted, without secrets.

    Args:
        title: First line of the docstring of a Python file.

    Raises:
        FlowError: ``cannot_export``: the flow can't be written in this format.
    """
    document = _sorted(shareable(spec).document())
    try:
        if format == "python":
            return write_source(document, title=title)
        if format == "yaml":
            return write_yaml(document)
    except (ValueError, KeyError, RecursionError, yaml.YAMLError) as error:
        raise FlowError(
            f"The flow can't be written as {format}: {error}.",
            code="cannot_export",
            hint="Export it as JSON, which holds every flow.",
        ) from error
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def read_flow(
    text: str, format: FileFormat | None = None, findings: list[Finding] | None = None
) -> dict[str, Any]:
    """Reads the text of a file as a flow document; nothing in it is executed.

    Args:
        format: By default it is told from the text.
        findings: Is added what of a Python file could not be drawn as it is.

    Raises:
        FlowError: ``cannot_import``, with ``extra["line"]`` or ``extra["path"]`` of what is wrong.
    """
    if len(text) > MAX_BYTES:
        raise _refusal("The file is too big.", f"At most {MAX_BYTES >> 20} MiB are read.")
    format = format or format_of(text)
    if format == "python":
        document: Any = _from_python(text, findings)
    else:
        document = _from_json(text) if format == "json" else read_yaml(text)
    if not isinstance(document, dict):
        raise _refusal("The file holds no flow.", "A flow begins with: schema, schema_version.", path="")
    _refuse_odd(document)
    return document


def format_of(text: str) -> FileFormat:
    """Says what a text looks like."""
    if text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return "json"
    return "python" if _DRAWS.search(text) else "yaml"


def title_of(source: str) -> str:
    """Returns what the docstring of a Python file calls the flow; empty without one."""
    try:
        said = ast.get_docstring(source_tree(source)) or ""
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    return said.partition("\n")[0].strip()


def _from_json(text: str) -> Any:
    try:
        return json.loads(text.removeprefix("\ufeff"), parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise _refusal(
            f"The file is no JSON: {error.msg} in line {error.lineno}.", "Mend the line.", line=error.lineno
        ) from error
    except (ValueError, RecursionError) as error:
        raise _refusal(f"The file is no JSON: {error}.", "Export the flow again.") from error


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _from_python(text: str, findings: list[Finding] | None) -> Any:
    try:
        return read_source(text.removeprefix("\ufeff"), findings)
    except (KeyError, RecursionError) as error:
        raise _refusal(f"The file can't be read as a flow: {error!r}.", "Export the flow again.") from error


def _refuse_odd(document: Any) -> None:
    """Refuses what YAML and Python can write and a flow document can't hold."""
    todo: list[tuple[str, Any]] = [("", document)]
    while todo:
        path, value = todo.pop()
        if isinstance(value, dict):
            for key in value:
                if not isinstance(key, str):
                    raise _refusal(f"The key {key!r} is no text.", "Put it in quotes.", path=path)
            todo += [
                (f"{path}/{key.replace('~', '~0').replace('/', '~1')}", one) for key, one in value.items()
            ]
        elif isinstance(value, list):
            todo += [(f"{path}/{index}", one) for index, one in enumerate(value)]
        elif not _is_plain(value):
            raise _refusal(
                f"A {type(value).__name__} can't stand in a flow.",
                "There are texts, finite numbers, true, false, null, lists and records.",
                path=path,
            )


def _is_plain(value: Any) -> bool:
    if isinstance(value, float):
        return abs(value) < float("inf")
    if isinstance(value, int):
        return value.bit_length() <= _BIGGEST_INTEGER_BITS
    return value is None or isinstance(value, str)


def _refusal(message: str, hint: str, **extra: Any) -> FlowError:
    return FlowError(message, code="cannot_import", hint=hint, extra=extra)


def _sorted(value: Any) -> Any:
    """Returns the same JSON with every key in order: a database may hand them back in any."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [_sorted(one) for one in value]
    return value
