"""A language model of one's own."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from flowloft.core.context import Context
from flowloft.core.errors import NoFit
from flowloft.core.models import DEFAULT_CHAT
from flowloft.core.provider import PROVIDERS, Provider, open_model
from flowloft.core.types import Messages, Stream
from flowloft.nodes._asking import AskingNode, parted


class TrainableModule(AskingNode):
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

    def run(  # type: ignore[misc]  # the engine makes a stream of the generator
        self,
        messages: Annotated[Messages, "A text, or a conversation."],
        ctx: Context,
        system: Annotated[str, "Replaces the system message of the settings."] = "",
    ) -> Stream[str]:
        first, others = parted(messages, system or self.system)
        yield from self._answer(self._opened(ctx), [*first, *others], ctx)

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
