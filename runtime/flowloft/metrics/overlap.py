"""The same words."""

from __future__ import annotations

from collections import Counter

from flowloft.core.context import Context
from flowloft.core.metric import Metric, Verdict, words


class Overlap(Metric):
    """How many words both have, in whatever order: the F1 measure over words, or over the characters of
    Chinese. For short answers that may be worded a little differently.

    Source: Rajpurkar et al., SQuAD (arXiv:1606.05250), section 6.1.
    """

    title = "Shared words"
    good = 0.5

    def score(self, question: str, answer: str, wanted: str, ctx: Context) -> Verdict:
        given, hoped = Counter(words(answer)), Counter(words(wanted))
        if not given or not hoped:
            return Verdict(float(given == hoped))
        shared = (given & hoped).total()
        return Verdict(2 * shared / (given.total() + hoped.total()))
