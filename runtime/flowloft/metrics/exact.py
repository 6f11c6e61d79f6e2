"""The same text."""

from __future__ import annotations

from pydantic import Field

from flowloft.core.context import Context
from flowloft.core.metric import Metric, Verdict, plainly


class Exact(Metric):
    """1 where the answer is the wanted one, else 0. For labels, names and choices."""

    title = "Exact"

    strict: bool = Field(
        False,
        title="To the letter",
        description="Also case, width of letters and white space must be the same.",
    )

    def score(self, question: str, answer: str, wanted: str, ctx: Context) -> Verdict:
        same = answer == wanted if self.strict else plainly(answer) == plainly(wanted)
        return Verdict(float(same))
