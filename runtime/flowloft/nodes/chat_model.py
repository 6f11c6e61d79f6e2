"""A language model answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator

from flowloft.core.context import Context
from flowloft.core.errors import ProviderError
from flowloft.core.provider import open_model
from flowloft.core.types import Messages, Stream
from flowloft.nodes._asking import AskingNode, parted


class Example(BaseModel):
    """A question and its answer, as a pattern for the model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str = Field(title="Question", max_length=10_000, json_schema_extra={"x-widget": "textarea"})
    answer: str = Field(title="Answer", max_length=10_000, json_schema_extra={"x-widget": "textarea"})


class ChatModel(AskingNode):
    """Asks a language model and gives its answer, as it comes.

    Takes a text or a conversation. With `choices` the answer is exactly one of them, whatever the
    model: connect it to a switch. With a JSON schema the answer is JSON that fits it.
    """

    title = "Chat model"
    group = "models"
    icon = "message-chatbot"
    cacheable = True

    choices: list[str] = Field(
        default_factory=list,
        title="Choices",
        max_length=100,
        description="The only answers allowed; none means that any is.",
        json_schema_extra={"x-widget": "list"},
    )
    examples: list[Example] = Field(
        default_factory=list,
        title="Examples",
        max_length=50,
        description="Shown to the model as if it had answered so before. Small models need them most.",
    )
    frequency_penalty: float | None = Field(
        None,
        title="Avoid repeating",
        ge=0,
        le=2,
        description="0 lets it repeat words, as translating and correcting need. Empty: as the model has it.",
        json_schema_extra={"x-widget": "slider", "x-advanced": True},
    )
    remember: int = Field(
        20,
        title="Remember",
        ge=1,
        le=10_000,
        description="How many of the newest messages of a conversation the model is shown.",
        json_schema_extra={"x-advanced": True},
    )
    json_schema: dict[str, JsonValue] | None = Field(
        None,
        title="JSON schema",
        description="Makes the answer JSON of this form.",
        json_schema_extra={"x-widget": "json", "x-advanced": True},
    )
    stop: list[str] = Field(
        default_factory=list,
        title="Stop at",
        max_length=8,
        description="The answer ends before the first of these texts.",
        json_schema_extra={"x-widget": "list", "x-advanced": True},
    )

    @field_validator("choices")
    @classmethod
    def _distinct(cls, choices: list[str]) -> list[str]:
        if len({choice.strip().casefold() for choice in choices}) != len(choices):
            raise ValueError("two choices are the same")
        if any(not choice.strip() for choice in choices):
            raise ValueError("a choice is empty")
        return choices

    def run(  # type: ignore[misc]  # the engine makes a stream of the generator
        self,
        messages: Annotated[Messages, "A text, or a conversation."],
        ctx: Context,
        system: Annotated[str, "Replaces the system message of the settings."] = "",
    ) -> Stream[str]:
        first, others = parted(messages, system or self.system)
        pieces = self._answer(
            open_model(ctx, self.model),
            [*first, *self._shown_examples(), *others[-self.remember :]],
            ctx,
            temperature=0.0 if self.choices and self.temperature is None else self.temperature,
            frequency_penalty=self.frequency_penalty,
            stop=self.stop or None,
            response_format=self._format(),
        )
        if self.choices:
            yield self._chosen("".join(pieces))
        else:
            yield from pieces

    def _shown_examples(self) -> Iterator[dict[str, Any]]:
        for example in self.examples:
            answer = json.dumps({"answer": example.answer}) if self.choices else example.answer
            yield {"role": "user", "content": example.question}
            yield {"role": "assistant", "content": answer}

    def _format(self) -> dict[str, Any] | None:
        schema: dict[str, Any] | None = self.json_schema
        if self.choices:
            schema = {
                "type": "object",
                "properties": {"answer": {"type": "string", "enum": list(self.choices)}},
                "required": ["answer"],
                "additionalProperties": False,
            }
        if schema is None:
            return None
        return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}

    def _chosen(self, said: str) -> str:
        """Reads the choice out of the answer, from one in plain words as well."""
        try:
            parsed = json.loads(said)
        except ValueError:
            parsed = said
        answer = str(parsed.get("answer", "") if isinstance(parsed, dict) else parsed).casefold()
        found = [
            (answer.index(choice.casefold()), -len(choice), choice)
            for choice in self.choices
            if choice.casefold() in answer
        ]
        if not found:
            raise ProviderError(
                f"The model answered “{said[:80]}”, which is none of the choices.",
                code="no_choice",
                permanent=False,
                hint=f"The choices are: {', '.join(self.choices)}. Name them in the prompt.",
            )
        return min(found)[2]
