"""A conversation with places to fill."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from flowloft.core.node import Node, fill
from flowloft.core.types import Messages


class Line(BaseModel):
    """One message, in the words of a role."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: Literal["system", "user", "assistant"] = Field("user", title="Role")
    text: str = Field("", title="Text", max_length=200_000, json_schema_extra={"x-widget": "template"})


class RolesPrompt(Node):
    """Writes a conversation for a model, each message in the words of a role.

    Each `{name}` in a text becomes an input of that name, the same in all of them. Write `{{` and `}}` for
    braces that are meant as such. A message whose text comes out empty is left out.
    """

    title = "Prompt with roles"
    group = "text"
    icon = "list-details"

    messages: list[Line] = Field(
        [Line(role="system"), Line(role="user")],
        title="Messages",
        max_length=100,
        description="From first to last: who the model is, examples of questions and answers, the question.",
        json_schema_extra={"x-widget": "list", "x-inputs": "placeholders"},
    )

    def run(self, **variables: Any) -> Messages:
        said = [{"role": line.role, "content": fill(line.text, variables)} for line in self.messages]
        return [message for message in said if message["content"].strip()]
