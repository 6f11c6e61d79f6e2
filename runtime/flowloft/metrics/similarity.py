"""A like meaning."""

from __future__ import annotations

import math

from pydantic import Field

from flowloft.core.context import Context
from flowloft.core.metric import Metric, Verdict
from flowloft.core.models import DEFAULT_EMBEDDING
from flowloft.core.provider import open_model


class Similarity(Metric):
    """How near the meanings are: the cosine between the two texts as vectors of an embedding model, with
    what is below 0 counted as 0. For free wording; it hardly notices a “not”."""

    title = "Similarity"
    good = 0.8
    asks_a_model = True

    model: str = Field(
        DEFAULT_EMBEDDING,
        title="Model",
        max_length=200,
        description="An embedding model; the built-in one knows 16 languages.",
        json_schema_extra={"x-widget": "model", "x-job": "embedding"},
    )

    def score(self, question: str, answer: str, wanted: str, ctx: Context) -> Verdict:
        if not answer.strip() or not wanted.strip():
            return Verdict(float(answer.strip() == wanted.strip()))
        left, right = open_model(ctx, self.model).embed([answer, wanted])
        length = math.hypot(*left) * math.hypot(*right)
        cosine = math.fsum(a * b for a, b in zip(left, right, strict=True)) / length if length else 0.0
        return Verdict(min(1.0, max(0.0, cosine)))
