"""Remarks of the compiler. A list of them, never an exception: a draft may be half done."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Level = Literal["error", "warning", "info"]


class Finding(BaseModel):
    """One remark.

    Attributes:
        level: ``error`` stops a run and a publication; the others stop nothing.
        code: Stable snake_case name.
        node_id: The node to jump to, if any.
        path: JSON pointer into the document, for instance ``/graph/nodes/a/settings/model``.
        message: What is so.
        hint: What to do about it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: Level
    code: str
    message: str
    hint: str = ""
    node_id: str | None = None
    path: str = ""


def has_errors(findings: list[Finding]) -> bool:
    """Says whether any remark stops a run."""
    return any(finding.level == "error" for finding in findings)
