"""The same steps again and again."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from pydantic import Field

from flowloft.core.carried import Carried
from flowloft.core.context import Body, Context
from flowloft.core.errors import FlowError
from flowloft.core.items import as_items
from flowloft.core.node import Node, Port, signature_of
from flowloft.core.types import PortType


class _Rounds(NamedTuple):
    output: Annotated[Any, "What the last round gave."]
    all: Annotated[list[Any], "What each round gave, in order."]


class Loop(Node):
    """Repeats the steps inside it.

    Each round begins with what the round before gave; the first with `initial`. It ends after the
    given number of rounds, with the last of `items` where a list is connected, or as soon as the
    body output's `stop` is true. `output` is the last result, `all` the list of all results.
    """

    title = "Loop"
    group = "logic"
    icon = "repeat"
    has_body = True

    times: int = Field(
        3,
        title="Rounds",
        ge=0,
        le=100_000,
        description="How many rounds at most; the body can stop earlier.",
    )
    must_stop: bool = Field(
        False,
        title="Must stop by itself",
        description="Fails when all rounds are used up and the body has not stopped.",
        json_schema_extra={"x-advanced": True},
    )
    carried: list[Carried] = Field(
        default_factory=list,
        title="Further values",
        max_length=20,
        description="Inputs that are the same in every round.",
        json_schema_extra={"x-inputs": "items"},
    )

    def run(
        self,
        body: Body,
        ctx: Context,
        initial: Annotated[Any, "What the first round begins with."] = None,
        items: Annotated[Any, "A list: one round for each of its items."] = None,
        **carried: Any,
    ) -> _Rounds:
        value, results = initial, []
        given = self._given(items)
        total = self.times if given is None else min(self.times, len(given))
        for index in range(total):
            ctx.check()
            item = given[index] if given is not None else None
            result = body(index, {**carried, "value": value, "item": item, "index": index})
            value = result.get("value")
            results.append(value)
            ctx.progress(index + 1, total)
            if result.get("stop"):
                return _Rounds(value, results)
        if self.must_stop:
            raise FlowError(
                f"The loop used all its {self.times} rounds and did not stop.",
                code="loop_did_not_stop",
                hint="Allow more rounds, or change what sets `stop` inside it.",
            )
        return _Rounds(value, results)

    def _given(self, items: Any) -> list[Any] | None:
        if items is None:
            return None
        found = as_items(items, lines=True)
        return list(found.values()) if isinstance(found, dict) else found

    def input_ports(self) -> list[Port]:
        return [*signature_of(type(self)).inputs, *self._declared("x-inputs", PortType.ANY)]
