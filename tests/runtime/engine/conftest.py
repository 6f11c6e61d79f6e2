"""Kinds that fail, wait, stream and fork on demand; registered for these tests only."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, ClassVar, Literal, NamedTuple

import pytest
from flowloft.core.context import Body, Context
from flowloft.core.errors import FlowError, ProviderError
from flowloft.core.node import Effect, Node
from flowloft.core.registry import KINDS
from flowloft.core.types import SKIPPED, Stream
from pydantic import Field, JsonValue


class Give(Node):
    """Gives a value."""

    quick = True
    value: JsonValue = None

    def run(self) -> Any:
        return self.value


class Same(Node):
    """Gives what it gets, the very same object."""

    def run(self, value: Any) -> Any:
        return value


class Sum(Node):
    """Gathers in order."""

    def run(self, *items: Any) -> list[Any]:
        return list(items)


class Work(Node):
    """Waits, obeying or not; then fails or gives the value."""

    seconds: float = 0
    obeys: bool = True
    fails: Literal["", "bug", "flow", "provider", "permanent"] = ""
    succeeds_on: int = 0

    def run(self, ctx: Context, value: Any = None) -> Any:
        TRIES[self.succeeds_on] = TRIES.get(self.succeeds_on, 0) + 1
        (ctx.sleep if self.obeys else time.sleep)(self.seconds)
        if self.fails and TRIES[self.succeeds_on] != self.succeeds_on:
            raise {
                "bug": ValueError("a bug"),
                "flow": FlowError("the author's fault"),
                "provider": ProviderError("busy", permanent=False),
                "permanent": ProviderError("bad key", permanent=True),
            }[self.fails]
        ctx.text("after", "note")
        return value


TRIES: dict[int, int] = {}


class Say(Node):
    """Streams words; breaks off after some of them when asked to."""

    words: list[str] = ["a", "b", "c"]
    gap: float = 0
    breaks_after: int | None = None

    def run(self, ctx: Context) -> Stream[str]:
        for number, word in enumerate(self.words):
            if number == self.breaks_after:
                raise ProviderError("connection lost", permanent=False)
            yield word
            ctx.sleep(self.gap)


class Hear(Node):
    """Reads a stream and says when each chunk came, in seconds after the first."""

    def run(self, text: Stream[str]) -> list[Any]:
        chunks, first = [], None
        for chunk in text:
            first = first or time.monotonic()
            chunks.append([chunk, time.monotonic() - first])
        return chunks


class _Ways(NamedTuple):
    yes: Any
    no: Any


class Fork(Node):
    """Goes one way."""

    way: Literal["yes", "no"] = "yes"

    def run(self, value: Any) -> _Ways:
        return _Ways(value, SKIPPED) if self.way == "yes" else _Ways(SKIPPED, value)


class Pay(Node):
    """Has an effect that must happen once."""

    fails: bool = False

    def effect(self) -> Effect:
        return "once"

    def run(self, ctx: Context) -> str:
        if self.fails:
            raise ProviderError("no answer", permanent=False)
        return ctx.idempotency_key


class Each(Node):
    """Runs its body for every item, side by side or one after the other."""

    limit: int = 4

    def run(self, items: list[Any], body: Body, ctx: Context) -> list[Any]:
        rounds = body.each([{"value": item} for item in items], limit=self.limit, told=ctx.progress)
        return [result.get("value") for result in rounds]


class Enter(Node):
    """The inside of Each begins."""

    quick = True
    role = "input"

    def run(self, ctx: Context) -> Any:
        return ctx.inputs["value"]


class Leave(Node):
    """The inside of Each, or a flow, ends."""

    quick = True
    role = "output"

    def run(self, value: Any) -> dict[str, Any]:
        return {"value": value}


class Pair(Node):
    """Gives the first value with each item of the second."""

    def run(self, left: Any, right: list[Any]) -> Any:
        return [[left, item] for item in right]


class Typed(Node):
    """Takes a number."""

    def run(self, number: float) -> float:
        return number


class Count(Node):
    """Gives what it gets with a mark, and notes that it ran."""

    mark: str = ""
    on: str = Field("", json_schema_extra={"x-widget": "model"})
    cost: Effect = "none"
    ran: ClassVar[list[str]] = []

    def effect(self) -> Effect:
        return self.cost

    def run(self, value: Any) -> Any:
        self.ran.append(self.mark)
        return [value, self.mark]


class Ask(Node):
    """Asks a person."""

    def run(self, ctx: Context, value: Any = None) -> Any:
        return [value, ctx.ask({"kind": "question", "about": value})]


PARTS = (Count, Ask, Give, Same, Sum, Work, Say, Hear, Fork, Pay, Each, Enter, Leave, Pair, Typed)


@pytest.fixture(autouse=True)
def parts() -> Iterator[None]:
    TRIES.clear()
    Count.ran.clear()
    for part in PARTS:
        KINDS.register(f"t_{part.__name__.lower()}", part)
    yield
    for part in PARTS:
        KINDS.unregister(f"t_{part.__name__.lower()}")
