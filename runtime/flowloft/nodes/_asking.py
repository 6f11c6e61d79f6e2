"""What the kinds have in common that ask a language model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from flowloft.core.context import ChatChunk, Context
from flowloft.core.files import with_pictures
from flowloft.core.models import DEFAULT_CHAT
from flowloft.core.node import Effect, Node
from flowloft.core.provider import Provider
from flowloft.core.types import as_text


class AskingNode(Node):
    """Settings of a question to a language model, and the way its answer comes."""

    model: str = Field(
        DEFAULT_CHAT,
        title="Model",
        max_length=200,
        description="The built-in one is small and speaks English: for trying things out.",
        json_schema_extra={"x-widget": "model", "x-job": "chat"},
    )
    system: str = Field(
        "You are a helpful assistant.",
        title="System message",
        max_length=100_000,
        description="Who the model is and how it answers.",
        json_schema_extra={"x-widget": "textarea"},
    )
    temperature: float | None = Field(
        None,
        title="Temperature",
        ge=0,
        le=2,
        description="0 takes the likeliest word, 1 and more gets inventive. Empty: as the model has it.",
        json_schema_extra={"x-widget": "slider"},
    )
    max_tokens: int | None = Field(
        None,
        title="Longest answer",
        ge=1,
        le=1_000_000,
        description="In tokens; about four letters each. Empty: as the model has it.",
    )

    def effect(self) -> Effect:
        return "repeatable"

    def _answer(
        self, model: Provider, messages: list[dict[str, Any]], ctx: Context, **options: Any
    ) -> Iterator[str]:
        """Asks, and gives the answer's text as it comes."""
        return (chunk.text for chunk in self._chunks(model, messages, ctx, **options) if chunk.text)

    def _chunks(
        self, model: Provider, messages: list[dict[str, Any]], ctx: Context, **options: Any
    ) -> Iterator[ChatChunk]:
        """Asks, and gives the answer as it comes; what was used is counted, pictures are sent."""
        options = {
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
            "seed": ctx.seed,
            **options,
        }
        for chunk in model.stream(with_pictures(messages, ctx), **options):
            if chunk.usage:
                ctx.usage({name: float(count) for name, count in chunk.usage.items()})
            if chunk.finish_reason == "length" and not self.max_tokens:
                ctx.log("The answer was cut off: the model's own limit was reached.", "warning")
            yield chunk


def parted(messages: list[dict[str, Any]], system: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Returns one system message of all there are, or none, and the other messages."""
    systems = [system, *(as_text(one["content"]) for one in messages if one.get("role") == "system")]
    said = "\n\n".join(text for text in systems if text.strip())
    first = [{"role": "system", "content": said}] if said else []
    return first, [one for one in messages if one.get("role") != "system"]
