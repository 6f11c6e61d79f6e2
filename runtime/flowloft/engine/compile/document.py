"""From JSON to a checked document: limits, versions, fields."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from flowloft.core.errors import FlowError
from flowloft.core.findings import Finding
from flowloft.core.spec import MAX_JSON_DEPTH, FlowSpec
from flowloft.engine.compile.upgrade import upgrade


def read_document(document: dict[str, Any] | FlowSpec, findings: list[Finding]) -> FlowSpec | None:
    """Returns the document as a spec; None, with findings, where it is none."""
    if isinstance(document, FlowSpec):
        return document
    if deeper_than(document, MAX_JSON_DEPTH):
        findings.append(
            Finding(
                level="error",
                code="too_deep",
                message=f"The document is nested more than {MAX_JSON_DEPTH} levels deep.",
                hint="Put deep data into a file or an input instead of a setting.",
            )
        )
        return None
    try:
        return FlowSpec.model_validate(upgrade(document))
    except FlowError as error:
        findings.append(
            Finding(
                level="error",
                code=error.error_code,
                message=error.message,
                hint=error.hint,
                path=str(error.extra.get("path", "")),
            )
        )
    except ValidationError as error:
        findings.extend(_finding(detail) for detail in error.errors(include_url=False))
    return None


def deeper_than(value: Any, limit: int) -> bool:
    """Says whether JSON is nested deeper than that; without recursion."""
    level = [value]
    for _ in range(limit + 1):
        level = [
            child
            for parent in level
            if isinstance(parent, (dict, list))
            for child in (parent.values() if isinstance(parent, dict) else parent)
        ]
        if not level:
            return False
    return True


def pointer(base: str, parts: Sequence[str | int]) -> str:
    """Returns a JSON pointer (RFC 6901)."""
    return base + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def remark(detail: ErrorDetails) -> tuple[str, str]:
    """Returns what pydantic found as message and hint."""
    if detail["type"] == "extra_forbidden":
        return f"“{detail['loc'][-1]}” is not known here.", "Take it out, or check its spelling."
    if detail["type"] == "missing":
        return f"“{detail['loc'][-1]}” is missing.", "Give it a value."
    message = detail["msg"].removeprefix("Value error, ").rstrip(".")
    # What is wrong with several settings together is in none of them.
    where = f"“{'.'.join(map(str, detail['loc']))}”: " if detail["loc"] else ""
    return f"{where}{message}.", ""


def _finding(detail: ErrorDetails) -> Finding:
    message, hint = remark(detail)
    loc = [part for part in detail["loc"] if part != "[key]"]
    nodes = [name for before, name in itertools.pairwise(loc) if before == "nodes"]
    return Finding(
        level="error",
        code="unknown_field" if detail["type"] == "extra_forbidden" else "invalid_document",
        message=message,
        hint=hint,
        node_id=str(nodes[-1]) if nodes else None,
        path=pointer("", loc),
    )
