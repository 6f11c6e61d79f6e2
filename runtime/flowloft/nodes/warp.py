"""The same steps for every item of a list, side by side."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import Field

from flowloft.core.carried import Carried
from flowloft.core.context import Body, Context
from flowloft.core.errors import FlowError
from flowloft.core.node import Node, Port, signature_of
from flowloft.core.types import PortType

MAX_ITEMS = 100_000


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
        items = self._items(items)
        values = list(items.values()) if isinstance(items, dict) else list(items)
        if len(values) > MAX_ITEMS:
            raise FlowError(
                f"{len(values)} items are too many.",
                code="too_many_items",
                hint=f"At most {MAX_ITEMS} are allowed.",
            )
        ctx.check()
        rounds = [{**carried, "value": value, "index": index} for index, value in enumerate(values)]
        results = [result.get("value") for result in body.each(rounds, limit=self.concurrency)]
        return dict(zip(items, results, strict=True)) if isinstance(items, dict) else results

    def input_ports(self) -> list[Port]:
        return [*signature_of(type(self)).inputs, *self._declared("x-inputs", PortType.ANY)]

    def _items(self, value: Any) -> Any:
        if isinstance(value, str):
            value = [line for line in value.splitlines() if line.strip()] if self.lines else _json(value)
        if isinstance(value, (list, tuple, dict)):
            return value
        raise FlowError(
            f"A warp needs a list or a record, not {type(value).__name__}.",
            code="not_a_list",
            hint="Connect a list, or let it take the lines of a text.",
        )


def _json(text: str) -> Any:
    """Reads a list out of a model's JSON answer; leaves any other text as it is."""
    try:
        return json.loads(text)
    except ValueError:
        return text
