"""A language model that uses tools."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from flowloft.core.agent import AGENTS, Desk, Shown
from flowloft.core.context import Context
from flowloft.core.provider import open_model
from flowloft.core.tool import Done, Tool, Tools
from flowloft.core.types import Messages, Stream
from flowloft.nodes._asking import AskingNode, parted


class ToolNote(BaseModel):
    """What the model is told of a tool, in place of what the tool says of itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tool: str = Field(title="Tool", min_length=1, max_length=64, description="Its name.")
    description: str = Field(title="Description", max_length=4000, json_schema_extra={"x-widget": "textarea"})


class ToolExample(BaseModel):
    """A question, and the call that it asks for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: str = Field(title="Question", max_length=10_000)
    tool: str = Field(title="Tool", min_length=1, max_length=64, description="Its name.")
    arguments: str = Field("{}", title="Arguments", max_length=10_000, description="As JSON.")

    @field_validator("arguments")
    @classmethod
    def _is_object(cls, arguments: str) -> str:
        try:
            found = json.loads(arguments)
        except ValueError as error:
            raise ValueError(f"this is no JSON: {error}") from error
        if not isinstance(found, dict):
            raise ValueError("arguments are a JSON object")
        return arguments


class Agent(AskingNode):
    """Lets a model use tools until it has an answer.

    Every node inside is a tool: a function, a request, a knowledge retriever, a saved flow, a person
    who approves. The model is told its name, what it does and which inputs it has, and decides what to
    call. Each decision and each call is a step that can be looked at; what a tool does wrong is told
    to the model.
    """

    title = "Agent"
    group = "models"
    icon = "robot"
    has_body = True
    cacheable = False

    strategy: str = Field(
        "function_call",
        title="Strategy",
        description=(
            "function_call: by the tools of the vendor's interface. react: thought, action, observation, "
            "for any model. plan_and_solve: a plan first, then step by step."
        ),
        json_schema_extra={"x-widget": "select", "enum": list(AGENTS.keys)},
    )
    rounds: int = Field(
        8, title="Rounds", ge=1, le=200, description="How often the model may decide, at most."
    )
    last_word: bool = Field(
        True,
        title="Answer at the end",
        description="When the rounds are used up, the model answers with what it has; else the node fails.",
    )
    direct: list[str] = Field(
        default_factory=list,
        title="Results as answers",
        max_length=100,
        description="Names of tools whose result is the answer itself: the model is not asked any more.",
        json_schema_extra={"x-widget": "list"},
    )
    parallel: int = Field(4, title="Calls at a time", ge=1, le=64, json_schema_extra={"x-advanced": True})
    thinks: bool = Field(
        True,
        title="Think first",
        description="Of react: the model writes a thought before it decides. Small models do better without.",
        json_schema_extra={"x-advanced": True},
    )
    notes: list[ToolNote] = Field(
        default_factory=list,
        title="Descriptions",
        max_length=100,
        description="What the model is told of a tool, in place of what the tool says of itself.",
    )
    examples: list[ToolExample] = Field(
        default_factory=list,
        title="Examples",
        max_length=50,
        description="Calls as a pattern for the model. Small models need them most.",
    )
    remember: int = Field(
        20,
        title="Remember",
        ge=1,
        le=10_000,
        description="How many of the newest messages of a conversation the model is shown.",
        json_schema_extra={"x-advanced": True},
    )

    @field_validator("strategy")
    @classmethod
    def _known(cls, strategy: str) -> str:
        if strategy not in AGENTS:
            raise ValueError(f"there is no such strategy; there are: {', '.join(AGENTS.keys)}")
        return strategy

    def run(  # type: ignore[misc]  # the engine makes a stream of the generator
        self,
        messages: Annotated[Messages, "A text, or a conversation."],
        tools: Tools,
        ctx: Context,
        system: Annotated[str, "Replaces the system message of the settings."] = "",
    ) -> Stream[str]:
        first, others = parted(messages, system or self.system)
        desk = Desk(
            _Noted(tools, {note.tool: note.description for note in self.notes}),
            rounds=self.rounds,
            parallel=self.parallel,
            thinks=self.thinks,
            last_word=self.last_word,
            direct=self.direct,
            examples=[Shown(one.question, one.tool, json.loads(one.arguments)) for one in self.examples],
            log=ctx.log,
        )
        yield from AGENTS.get(self.strategy)(desk).run([*first, *others[-self.remember :]])

    def ask(
        self,
        messages: list[dict[str, Any]],
        ctx: Context,
        told: Callable[[str], None] = lambda text: None,
        **options: Any,
    ) -> dict[str, Any]:
        """Asks the model once; a step of its own, so that a run that goes on later does not decide anew.

        Args:
            told: Hears the text as it comes.
            options: ``tools``, ``tool_choice``, ``response_format``.

        Returns:
            ``text``, and ``calls`` with ``id``, ``name`` and ``arguments`` each.
        """
        if "response_format" in options and self.temperature is None:
            options["temperature"] = 0.0
        said, calls = "", []
        for chunk in self._chunks(open_model(ctx, self.model), messages, ctx, **options):
            if chunk.text:
                said += chunk.text
                told(chunk.text)
            calls += [
                {"id": call.id, "name": call.name, "arguments": call.arguments} for call in chunk.tool_calls
            ]
        return {"text": said, "calls": calls}


class _Noted:
    """Tools with other descriptions."""

    def __init__(self, tools: Tools, notes: dict[str, str]) -> None:
        self._tools = tools
        self._notes = notes
        self.ask = tools.ask

    def offers(self) -> list[Tool]:
        return [
            Tool(tool.name, self._notes.get(tool.name) or tool.description, tool.parameters)
            for tool in self._tools.offers()
        ]

    def each(self, calls: Any, *, limit: int) -> list[Done]:
        return self._tools.each(calls, limit=limit)
