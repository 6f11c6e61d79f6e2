"""A language model of one's own."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from flowloft.core.context import Context
from flowloft.core.errors import NoFit
from flowloft.core.models import DEFAULT_CHAT
from flowloft.core.node import Effect, Node
from flowloft.core.provider import PROVIDERS, Provider, open_model
from flowloft.core.types import Messages, Stream, as_text


class TrainableModule(Node):
    """Asks a language model that can be fine-tuned on examples and served from its own weights.

    A script trains and serves it with `FlowModule(flow).update()`: what it learns from, how, and what serves
    it stand here. A run never trains: it asks what serves the model, and where nothing does, the model that
    is chosen here.
    """

    title = "Trainable model"
    group = "models"
    icon = "school"
    service = "model"
    cacheable = True

    model: str = Field(
        DEFAULT_CHAT,
        title="Model",
        max_length=200,
        description="What answers as long as it is not trained.",
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
    base_model: str = Field(
        "",
        title="Base model",
        max_length=500,
        description="What is trained: a name in the model store, or a folder on the machine of the script.",
    )
    trainset: str = Field(
        "",
        title="Training set",
        max_length=500,
        description="A file of examples on the machine of the script. Empty: it is served as it is.",
    )
    trainer: str = Field(
        "",
        title="Trained with",
        max_length=50,
        description="For instance peft. Empty: the best that fits.",
        json_schema_extra={"x-advanced": True},
    )
    method: Literal["", "lora", "dora", "qlora", "full"] = Field(
        "",
        title="Method",
        description="Empty: chosen by what fits into memory.",
        json_schema_extra={"x-advanced": True},
    )
    epochs: float = Field(
        3,
        title="Epochs",
        gt=0,
        le=100,
        description="How often each example is seen.",
        json_schema_extra={"x-advanced": True},
    )
    deploy: str = Field(
        "",
        title="Served with",
        max_length=50,
        description="For instance llamacpp or vllm. Empty: the best that fits.",
        json_schema_extra={"x-advanced": True},
    )

    def effect(self) -> Effect:
        return "repeatable"

    def run(  # type: ignore[misc]  # the engine makes a stream of the generator
        self,
        messages: Annotated[Messages, "A text, or a conversation."],
        ctx: Context,
        system: Annotated[str, "Replaces the system message of the settings."] = "",
    ) -> Stream[str]:
        shown = _shown(messages, system or self.system)
        options = {"temperature": self.temperature, "max_tokens": self.max_tokens, "seed": ctx.seed}
        for chunk in self._opened(ctx).stream(shown, **options):
            if chunk.usage:
                ctx.usage({name: float(count) for name, count in chunk.usage.items()})
            if chunk.text:
                yield chunk.text

    def depends(self, ctx: Context) -> Any:
        served = ctx.services.get(ctx.place())
        return super().depends(ctx) if served is None else [served.base_url, served.model, served.options]

    def _opened(self, ctx: Context) -> Provider:
        served = ctx.services.get(ctx.place())
        if served is not None:
            return PROVIDERS.get(served.provider)(served, ctx)
        if not self.model:
            raise NoFit(
                "Nothing serves this model here.",
                code="not_started",
                hint="Start it with FlowModule(flow).start(), or choose a model that answers meanwhile.",
            )
        return open_model(ctx, self.model)


def _shown(messages: list[dict[str, Any]], system: str) -> list[dict[str, Any]]:
    """Returns what the model is shown: one system message, then what was said."""
    systems = [system, *(as_text(one["content"]) for one in messages if one.get("role") == "system")]
    said = "\n\n".join(text for text in systems if text.strip())
    first = [{"role": "system", "content": said}] if said else []
    return [*first, *(one for one in messages if one.get("role") != "system")]
