"""The contract of a strategy: how a model uses tools until it has an answer, one class in one file of
``flowloft/agents``."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from flowloft.core.context import ToolCall
from flowloft.core.errors import FlowError, ProviderError
from flowloft.core.registry import Family
from flowloft.core.tool import Done, Tool, Tools

Messages = list[dict[str, Any]]

LONGEST_RESULT = 20_000
"""Characters of a tool's result that a model is shown."""


@dataclass(frozen=True, slots=True)
class Said:
    """An answer of the model."""

    text: str
    calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """What the model is told of a call.

    Attributes:
        ends: Whether this is the answer, so that the model need not be asked any more.
    """

    text: str
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A call that the model is shown as if it had made it."""

    question: str
    tool: str
    arguments: dict[str, Any]


class Desk:
    """What a strategy works with: the model, the tools, and the bounds that it keeps.

    Args:
        tools: The inside of the agent.
        rounds: How often the model may decide, at most.
        parallel: How many calls run at once.
        thinks: Whether a strategy that asks for JSON has the model write down a thought first.
        last_word: Whether the model answers with what it has when the rounds are used up.
        direct: Tools whose result is the answer itself.
        examples: Calls to show.
        log: Takes a line about what happens.
    """

    def __init__(
        self,
        tools: Tools,
        *,
        rounds: int,
        parallel: int = 4,
        thinks: bool = True,
        last_word: bool = True,
        direct: Sequence[str] = (),
        examples: Sequence[Shown] = (),
        log: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.tools = {tool.name: tool for tool in tools.offers()}
        self.rounds = rounds
        self.thinks = thinks
        self.last_word = last_word
        self.direct = frozenset(direct)
        self.examples = [one for one in examples if one.tool in self.tools]
        self._inside = tools
        self._parallel = parallel
        self._log = log
        self._index = -1

    def ask(self, messages: Messages, **options: Any) -> Generator[str, None, Said]:
        """Asks the model. Yields the text as it comes, and returns all that was said."""
        self._index += 1
        given = {name: value for name, value in options.items() if value is not None}
        said = yield from self._inside.ask(self._index, {"messages": messages, **given})
        return Said(said["text"], tuple(ToolCall(**call) for call in said.get("calls", ())))

    def decide(self, messages: Messages, schema: dict[str, Any]) -> dict[str, Any] | None:
        """Asks for JSON of a form. None where the model gave something else."""
        wanted = {"name": "decision", "strict": True, "schema": schema}
        asked = self.ask(messages, response_format={"type": "json_schema", "json_schema": wanted})
        text = whole(asked).text
        try:
            found = json.loads(text[text.index("{") : text.rindex("}") + 1])
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    def call(self, calls: Sequence[ToolCall]) -> list[Told]:
        """Runs tools; returns what the model is told of each, in order. What is wrong with a call, or
        goes wrong in a tool, is told in the same way, so that the model can do better."""
        told: dict[int, Told] = {}
        asked: list[tuple[int, str, dict[str, Any]]] = []
        places: list[int] = []
        seen: set[str] = set()
        for place, call in enumerate(calls):
            arguments = self._read(call)
            if isinstance(arguments, str):
                told[place] = Told(arguments)
                self._log(f"{call.name}: {arguments}")
                continue
            if call.name in seen:
                self._index += 1  # The same tool twice in a round: each call is a step of its own.
                seen.clear()
            seen.add(call.name)
            self._log(f"Uses {call.name}: {json.dumps(arguments, ensure_ascii=False)[:500]}")
            asked.append((self._index, call.name, arguments))
            places.append(place)
        for place, done in zip(places, self._inside.each(asked, limit=self._parallel), strict=True):
            # A tool that found nothing has given no answer: the model says so in words.
            found = done.error is None and done.value not in (None, "", [], {})
            ends = found and calls[place].name in self.direct
            told[place] = Told(_short(done), ends)
        return [told[place] for place in range(len(calls))]

    def spent(self, messages: Messages, **options: Any) -> Iterator[str]:
        """Ends what has used all its rounds: with the best answer that there is, or an error.

        Raises:
            FlowError: ``no_answer``.
        """
        if not self.last_word:
            raise FlowError(
                f"The agent used all its {self.rounds} rounds and has no answer.",
                code="no_answer",
                hint="Allow more rounds, describe the tools better, or let it answer with what it has.",
            )
        self._log(f"All {self.rounds} rounds are used up; the model answers with what it has.")
        yield from self.answer(messages, **options)

    def answer(self, messages: Messages, **options: Any) -> Generator[str, None, str]:
        """Asks for the answer itself.

        Raises:
            ProviderError: ``no_answer``: the model says nothing.
        """
        said = yield from self.ask(messages, **options)
        if not said.text.strip():
            raise ProviderError(
                "The model gave no answer.",
                code="no_answer",
                permanent=False,
                hint="Run it again, or choose another model.",
            )
        return said.text

    def _read(self, call: ToolCall) -> dict[str, Any] | str:
        """Returns the arguments of a call, or what is wrong with it."""
        tool = self.tools.get(call.name)
        if tool is None:
            return _wrong("unknown_tool", f"There is no tool “{call.name}”.", f"There are: {self._names()}.")
        try:
            arguments = json.loads(call.arguments or "{}")
        except ValueError as error:
            return _wrong("bad_arguments", f"The arguments are no JSON: {error}.", "Write a JSON object.")
        wrong = tool.wrong(arguments)
        if wrong:
            return _wrong("bad_arguments", wrong, f"They must fit: {json.dumps(tool.parameters)}")
        return dict(arguments)

    def _names(self) -> str:
        return ", ".join(self.tools) or "none"


class Strategy:
    """Base of every strategy. An object of it answers one question."""

    title: ClassVar[str] = ""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def run(self, messages: Messages) -> Iterator[str]:
        """Works until there is an answer, and yields that as it comes.

        Args:
            messages: The conversation, a system message first where there is one.

        Raises:
            FlowError: ``no_answer``.
            ProviderError: What the model's provider raises.
        """
        raise NotImplementedError


AGENTS: Family[Strategy] = Family("flowloft.agents", Strategy, "strategy")


def whole(asked: Generator[str, None, Said]) -> Said:
    """Waits for an answer that nobody reads as it comes."""
    while True:
        try:
            next(asked)
        except StopIteration as over:
            said: Said = over.value
            return said


def described(tools: Sequence[Tool]) -> str:
    """Returns tools in words, for a model that is told of them in the system message."""
    return "\n".join(f"- {tool.name}: {tool.description}" for tool in tools)


def _wrong(code: str, message: str, hint: str) -> str:
    return json.dumps({"error": {"code": code, "message": message, "hint": hint}}, ensure_ascii=False)


def _short(done: Done) -> str:
    text = done.text()
    if len(text) <= LONGEST_RESULT:
        return text
    return f"{text[:LONGEST_RESULT]}\n[{len(text) - LONGEST_RESULT} more characters were left out]"
