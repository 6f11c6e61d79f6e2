"""The same steps for every item of a list, side by side."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from flowloft.core.carried import Carried
from flowloft.core.context import Body, Context
from flowloft.core.items import as_items
from flowloft.core.node import Node, Port, signature_of
from flowloft.core.types import PortType


class Warp(Node):
    """Does the steps inside it for every item of a list, several at a time.

    The results keep the order of the items. A record is done value by value and keeps its names.
    """

    title = "Warp"
    group = "logic"
    icon = "arrows-maximize"
    has_body = True

    concurrency: int = Field(
        4,
        title="At a time",
        ge=1,
        le=256,
        description="How many items are worked on at once.",
        json_schema_extra={"x-widget": "slider"},
    )
    lines: bool = Field(
        False,
        title="Lines of a text",
        description="Takes each line of a text that is not empty as an item.",
    )
    carried: list[Carried] = Field(
        default_factory=list,
        title="Further values",
        max_length=20,
        description="Inputs that are the same for every item.",
        json_schema_extra={"x-inputs": "items"},
    )

    def run(
        self, items: Annotated[Any, "A list, or a record."], body: Body, ctx: Context, **carried: Any
    ) -> list[Any] | dict[str, Any]:
        found = as_items(items, lines=self.lines)
        values = list(found.values()) if isinstance(found, dict) else found
        ctx.check()
        rounds = [
            {**carried, "value": value, "item": value, "index": index} for index, value in enumerate(values)
        ]
        results = [
            result.get("value") for result in body.each(rounds, limit=self.concurrency, told=ctx.progress)
        ]
        return dict(zip(found, results, strict=True)) if isinstance(found, dict) else results

    def input_ports(self) -> list[Port]:
        return [*signature_of(type(self)).inputs, *self._declared("x-inputs", PortType.ANY)]
