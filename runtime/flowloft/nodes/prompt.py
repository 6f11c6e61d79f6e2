"""A text with places to fill."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from flowloft.core.node import Node, fill


class Prompt(Node):
    """Fills values into a text.

    Each `{name}` in the text becomes an input of that name. Write `{{` and `}}` for braces that
    are meant as such.
    """

    title = "Prompt"
    group = "text"
    icon = "template"
    quick = True

    template: str = Field(
        "",
        title="Template",
        max_length=200_000,
        description="For example: Translate into {language}: {text}",
        json_schema_extra={"x-widget": "template", "x-inputs": "placeholders"},
    )

    def run(self, **variables: Any) -> str:
        return fill(self.template, variables)
