"""A model that cannot stop talking."""

from __future__ import annotations

from flowloft.core.context import Context
from flowloft.core.node import Node
from flowloft.core.types import Stream


class SlowTokens(Node):
    """Says ``count`` words, one each ``pause`` seconds."""

    title = "Slow tokens"
    group = "test"

    count: int = 100
    pause: float = 0.01

    def run(self, ctx: Context) -> Stream[str]:
        for index in range(self.count):
            yield f"wörd{index} "
            if self.pause:
                ctx.sleep(self.pause)
