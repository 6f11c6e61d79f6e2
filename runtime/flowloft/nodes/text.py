"""A fixed text."""

from __future__ import annotations

from pydantic import Field

from flowloft.core.node import Node


class Text(Node):
    """Gives a fixed text."""

    title = "Text"
    group = "text"
    icon = "letter-t"
    quick = True

    text: str = Field(
        "",
        title="Text",
        max_length=200_000,
        description="Given as it stands; nothing in it is replaced.",
        json_schema_extra={"x-widget": "textarea"},
    )

    def run(self) -> str:
        return self.text
