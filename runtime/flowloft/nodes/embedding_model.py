"""Texts as vectors."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from flowloft.core.context import Context
from flowloft.core.errors import InputError
from flowloft.core.models import DEFAULT_EMBEDDING
from flowloft.core.node import Effect, Node
from flowloft.core.provider import open_model


class EmbeddingModel(Node):
    """Turns texts into vectors that lie close where the meaning does.

    Takes a text or a list of texts, and gives one vector for each of them, in the same order.
    """

    title = "Embedding model"
    group = "models"
    icon = "vector-triangle"
    cacheable = True

    model: str = Field(
        DEFAULT_EMBEDDING,
        title="Model",
        max_length=200,
        description="The built-in one knows 16 languages, English and Chinese among them.",
        json_schema_extra={"x-widget": "model", "x-job": "embedding"},
    )

    def effect(self) -> Effect:
        return "repeatable"

    def run(self, texts: Annotated[Any, "A text, or a list of texts."], ctx: Context) -> list[list[float]]:
        rows = [texts] if isinstance(texts, str) else texts
        if not isinstance(rows, list) or not all(isinstance(row, str) for row in rows):
            raise InputError(
                "Only texts can be turned into vectors.",
                code="not_texts",
                hint="Give a text or a list of texts.",
            )
        return open_model(ctx, self.model).embed(rows) if rows else []
