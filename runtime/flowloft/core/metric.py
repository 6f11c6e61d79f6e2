"""The contract of a metric: how good an answer is beside the wanted one, one class in one file of
``flowloft/metrics``."""

from __future__ import annotations

import inspect
import re
import unicodedata
from typing import ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict

from flowloft.core.context import Context
from flowloft.core.registry import Family


class Verdict(NamedTuple):
    """What a metric says of one answer.

    Attributes:
        score: From 0 (nothing of what was wanted) to 1 (all of it).
        reason: Why, in a sentence, where the metric can say.
    """

    score: float
    reason: str = ""


class Metric(BaseModel):
    """Base of every metric. Settings are fields, so that a form can be drawn from them; the docstring
    tells a person what it measures."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: ClassVar[str] = ""
    """What it is called in the page."""
    good: ClassVar[float] = 1.0
    """From which score on an answer will do, unless a person says otherwise."""
    asks_a_model: ClassVar[bool] = False
    """Whether each answer takes a call of a model, which takes time and may cost money."""

    @classmethod
    def about(cls) -> str:
        """Returns the first paragraph of the docstring, as one line."""
        return inspect.cleandoc(cls.__doc__ or "").split("\n\n")[0].replace("\n", " ")

    def score(self, question: str, answer: str, wanted: str, ctx: Context) -> Verdict:
        """Returns how good an answer is.

        Args:
            question: What was asked.
            answer: What came out.
            wanted: What should have come out.
            ctx: Where models are looked up.

        Raises:
            FlowloftError: It can't be said: the model does not answer, or the wanted answer does not suit.
        """
        raise NotImplementedError


METRICS: Family[Metric] = Family("flowloft.metrics", Metric, "metric")


def plainly(text: str) -> str:
    """Returns a text without what few people mean by it: width and case of letters, further white space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")


def words(text: str) -> list[str]:
    """Returns the words of a text, plainly; of Chinese and Japanese, each character."""
    return _WORD.findall(plainly(text))
