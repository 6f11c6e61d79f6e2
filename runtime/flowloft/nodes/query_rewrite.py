"""A question in other words."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from flowloft.core.context import Context
from flowloft.core.models import DEFAULT_CHAT
from flowloft.core.node import Effect, Node
from flowloft.core.provider import open_model
from flowloft.core.types import Messages, as_text

_SEVERAL = (
    "Write {count} other ways to ask this question, for a search engine. One a line, in the language of "
    "the question, nothing else."
)
_ANSWER = "Answer in one short paragraph, in the language of the question, as an encyclopedia would."
_ALONE = (
    "Rewrite the last question of this conversation so that it can be understood alone, in its language. "
    "Write the question and nothing else."
)


class _Rewritten(NamedTuple):
    queries: Annotated[list[str], "The question and its other forms, for the retriever."]
    text: Annotated[str, "The question, as it can be understood alone."]


class QueryRewrite(Node):
    """Asks a model for other forms of a question, so that more of what fits is found.

    several: the same in other words. hyde: an answer as it might stand in a document. alone: a
    question of a conversation so that it needs nothing before it.
    """

    title = "Query rewrite"
    group = "knowledge"
    icon = "arrows-shuffle"

    how: Literal["several", "hyde", "alone"] = Field(
        "several", title="How", description="several, hyde (an imagined answer) or alone."
    )
    model: str = Field(
        DEFAULT_CHAT,
        title="Model",
        max_length=200,
        description="The built-in one is too small to be of much help here.",
        json_schema_extra={"x-widget": "model", "x-job": "chat"},
    )
    count: int = Field(
        3,
        title="Other forms",
        ge=1,
        le=10,
        description="Of several.",
        json_schema_extra={"x-visible-when": {"how": "several"}},
    )

    def effect(self) -> Effect:
        return "repeatable"

    def run(
        self, messages: Annotated[Messages, "A question, or a conversation."], ctx: Context
    ) -> _Rewritten:
        question = as_text(messages[-1].get("content", "")) if messages else ""
        if self.how == "alone":
            if len([one for one in messages if one.get("role") == "user"]) < 2:
                return _Rewritten([question], question)
            talk = "\n".join(f"{one.get('role')}: {as_text(one.get('content', ''))}" for one in messages[-8:])
            alone = self._ask(ctx, _ALONE, talk).split("\n")[0].strip() or question
            return _Rewritten([alone], alone)
        if self.how == "hyde":
            return _Rewritten([question, self._ask(ctx, _ANSWER, question)], question)
        said = self._ask(ctx, _SEVERAL.format(count=self.count), question)
        lines = [line.strip(' -*•"0123456789.、)') for line in said.splitlines()]
        return _Rewritten([question, *[line for line in lines if line][: self.count]], question)

    def _ask(self, ctx: Context, system: str, text: str) -> str:
        messages = [{"role": "system", "content": system}, {"role": "user", "content": text}]
        chunks = open_model(ctx, self.model).stream(messages, max_tokens=300, seed=ctx.seed)
        return "".join(chunk.text for chunk in chunks).strip()
