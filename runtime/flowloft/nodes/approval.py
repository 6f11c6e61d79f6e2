"""A person says yes or no."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from flowloft.core.context import Context
from flowloft.core.node import Node, fill
from flowloft.core.types import SKIPPED


class _Decided(NamedTuple):
    approved: Annotated[Any, "The value, where a person has approved it."]
    rejected: Annotated[Any, "The value, where a person has rejected it."]
    comment: Annotated[str, "What the person wrote about it."]


class Approval(Node):
    """Shows a value to a person, who approves or rejects it.

    The run waits as long as it takes, without holding a worker, and survives restarts. The question is
    shown in the editor, on the page of the run and in the chat, and can be answered over the API. The value
    leaves by `approved` or by `rejected`; what hangs on the other way is skipped.
    """

    title = "Approval"
    group = "logic"
    icon = "user-check"
    cacheable = False

    message: str = Field(
        "Is this right?",
        title="Message",
        max_length=20_000,
        description="Shown above the value, as Markdown.",
        json_schema_extra={"x-widget": "template", "x-inputs": "placeholders"},
    )
    timeout: float | None = Field(
        None,
        title="Wait at most",
        gt=0,
        le=366 * 86_400,
        description="In seconds. Empty: as long as it takes.",
        json_schema_extra={"x-advanced": True},
    )
    default: Literal["fail", "approved", "rejected"] = Field(
        "fail",
        title="After that time",
        description="Taken when nobody has answered.",
        json_schema_extra={"x-advanced": True},
    )

    def run(
        self, ctx: Context, value: Annotated[Any, "What is to be approved."], **variables: Any
    ) -> _Decided:
        decided = {"decision": self.default, "comment": ""}
        answer = ctx.ask(
            {
                "kind": "approval",
                "message": fill(self.message, variables),
                "value": value,
                "timeout": self.timeout,
                "default": None if self.default == "fail" else decided,
            }
        )
        yes = answer["decision"] == "approved"
        return _Decided(value if yes else SKIPPED, SKIPPED if yes else value, answer["comment"])
