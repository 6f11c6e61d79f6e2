"""Where a round of a loop or warp begins."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from flowloft.core.carried import Carried
from flowloft.core.context import Context
from flowloft.core.node import Node
from flowloft.core.types import Ports


class BodyInput(Node):
    """Begins the steps inside a container, and each round of a loop or warp.

    `item` is the item of the list that the round is for; `value` is what the round before gave in
    a loop, and the item in a warp; `index` is the number of the round, from 0. In other containers both
    are the value that comes in. Further values come in by name from the container around.
    """

    title = "Body input"
    group = "logic"
    icon = "arrow-bar-to-right"
    quick = True
    role = "input"
    fixed_outputs = ("value", "item", "index")
    cacheable = False

    carried: list[Carried] = Field(
        default_factory=list,
        title="Further values",
        max_length=20,
        description="Names of the further values of the loop or warp that are needed inside.",
        json_schema_extra={"x-outputs": "items"},
    )

    def run(self, ctx: Context) -> Ports[Any]:
        wanted = ["value", "item", "index", *(item.name for item in self.carried)]
        return Ports({name: ctx.inputs.get(name) for name in wanted})
