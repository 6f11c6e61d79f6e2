"""The wanted text stands in the answer."""

from __future__ import annotations

from flowloft.core.context import Context
from flowloft.core.metric import Metric, Verdict, plainly


class Contains(Metric):
    """1 where the wanted answer stands somewhere in the answer, else 0. For facts within sentences."""

    title = "Contains"

    def score(self, question: str, answer: str, wanted: str, ctx: Context) -> Verdict:
        return Verdict(float(plainly(wanted) in plainly(answer)))
