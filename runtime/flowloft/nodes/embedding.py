"""A text as numbers."""

from __future__ import annotations

from pydantic import Field

from flowloft.core.context import Context
from flowloft.core.models import DEFAULT_EMBEDDING
from flowloft.core.node import Effect, Node
from flowloft.core.types import Embedding as Vector
from flowloft.rag import Embedder


class Embedding(Node):
    """Turns a text into a vector that is near those of texts with a like meaning."""

    title = "Embedding"
    group = "knowledge"
    icon = "vector"
    extra = "rag"

    model: str = Field(
        DEFAULT_EMBEDDING,
        title="Model",
        max_length=200,
        description="The built-in one knows 16 languages.",
        json_schema_extra={"x-widget": "model", "x-job": "embedding"},
    )

    def effect(self) -> Effect:
        return "repeatable"

    def run(self, text: str, ctx: Context) -> Vector:
        (row,) = Embedder(self.model, ctx=ctx)([text])
        length = sum(number * number for number in row) ** 0.5 or 1.0
        return [number / length for number in row]
