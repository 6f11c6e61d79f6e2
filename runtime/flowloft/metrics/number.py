"""The same number."""

from __future__ import annotations

import math
import re

from pydantic import Field

from flowloft.core.context import Context
from flowloft.core.errors import InputError
from flowloft.core.metric import Metric, Verdict

_NUMBER = re.compile(r"[-+]?\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][-+]?\d+)?")


class Number(Metric):
    """1 where the last number of the answer is the wanted one, else 0. For sums and measures: people and
    models give the result last."""

    title = "Number"

    tolerance: float = Field(
        0.0, title="Tolerance", ge=0, le=1, description="Part of the wanted number by which it may be off."
    )

    def score(self, question: str, answer: str, wanted: str, ctx: Context) -> Verdict:
        hoped = _last(wanted)
        if hoped is None:
            raise InputError(
                "The wanted answer holds no number.",
                code="no_number_wanted",
                hint="Measure this dataset with another metric.",
            )
        given = _last(answer)
        if given is None:
            return Verdict(0.0, "The answer holds no number.")
        return Verdict(float(math.isclose(given, hoped, rel_tol=max(self.tolerance, 1e-9), abs_tol=1e-12)))


def _last(text: str) -> float | None:
    found = _NUMBER.findall(text)
    return float(found[-1].replace(",", "")) if found else None
