"""Flow documents as YAML: texts with line breaks as blocks, no aliases in either direction."""

from __future__ import annotations

from typing import Any

import yaml

from flowloft.core.errors import FlowError
from flowloft.core.spec import MAX_JSON_DEPTH

_OTHER_BREAKS = frozenset("\r\x85\u2028\u2029")
"""Line ends that a YAML reader would turn into ``\\n`` or that a block would break at."""
_READER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where it was built in; the same result, ten times as fast."""


class _Writer(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(writer: _Writer, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    if not _OTHER_BREAKS.isdisjoint(value):
        style = '"'
    return writer.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Writer.add_representer(str, _text)


def write_yaml(document: dict[str, Any]) -> str:
    """Returns a document as YAML, in the order of its keys."""
    return yaml.dump(document, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=100)


def read_yaml(text: str) -> Any:
    """Reads YAML as data.

    Raises:
        FlowError: ``cannot_import`` with ``extra["line"]``: it is no YAML, has an alias (a short text
            could stand for an endless one) or a tag, or is nested too deep.
    """
    try:
        _refuse_aliases(text)
        return yaml.load(text, Loader=_READER)  # noqa: S506 - one of the safe ones
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise _refusal(f"The file is no plain YAML: {error.problem}", line) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _refusal(f"The file is no plain YAML: {error}", None) from error


def _refuse_aliases(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_READER):
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.AliasEvent):
            raise _refusal("Aliases of YAML are not read", line)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_JSON_DEPTH:
                raise _refusal(f"The file is nested deeper than {MAX_JSON_DEPTH} levels", line)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _refusal(message: str, line: int | None) -> FlowError:
    where = f" (line {line})" if line else ""
    return FlowError(
        f"{message}{where}.",
        code="cannot_import",
        hint="Mend the line, or export the flow again.",
        extra={"line": line} if line else {},
    )
