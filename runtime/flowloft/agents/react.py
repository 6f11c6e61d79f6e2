"""The model thinks, acts and looks at what came of it, again and again."""

from __future__ import annotations

from collections.abc import Iterator

from flowloft.agents._reacting import finished, prepared, rounds
from flowloft.core.agent import Messages, Strategy


class React(Strategy):
    """Asks for one decision at a time, in JSON of a fixed form; for any model, small ones too.

    Source: Yao et al., ReAct: Synergizing Reasoning and Acting in Language Models, 2022
    (https://arxiv.org/abs/2210.03629)
    """

    title = "ReAct"

    def run(self, messages: Messages) -> Iterator[str]:
        found = rounds(self.desk, prepared(self.desk, messages))
        yield from finished(self.desk, messages, found)
