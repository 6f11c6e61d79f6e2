"""A remark on the canvas."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from flowloft.core.node import Node


class Note(Node):
    """Explains a part of the flow to whoever reads it. It never runs."""

    title = "Note"
    group = "notes"
    icon = "note"
    quick = True
    role = "note"

    text: str = Field(
        "",
        title="Text",
        max_length=20_000,
        description="Markdown.",
        json_schema_extra={"x-widget": "textarea"},
    )
    color: Literal["yellow", "blue", "green", "pink", "gray"] = Field("yellow", title="Colour")

    def run(self) -> None:
        return None
