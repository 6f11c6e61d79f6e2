"""Where a round of a loop or warp ends."""

from __future__ import annotations

from typing import Annotated, Any

from flowloft.core.node import Node
from flowloft.core.types import Ports


class BodyOutput(Node):
    """Ends the steps inside a container, and each round of a loop or warp, with a result.

    In a loop the next round begins with this `value`, unless `stop` is true.
    """

    title = "Body output"
    group = "logic"
    icon = "arrow-bar-right"
    quick = True
    role = "output"
    cacheable = False

    def run(
        self,
        value: Annotated[Any, "Result of the round."],
        stop: Annotated[bool, "Ends a loop after this round."] = False,
    ) -> Ports[Any]:
        return Ports(value=value, stop=bool(stop))
