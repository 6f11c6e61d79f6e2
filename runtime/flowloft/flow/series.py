"""Steps one after the other, once or many times."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Literal

from flowloft.core.errors import FlowError
from flowloft.flow.base import Flow, lower_item, made
from flowloft.flow.body import lower_body
from flowloft.flow.bound import Ref
from flowloft.flow.builder import ENTRY, Builder, Scope, Source
from flowloft.flow.values import bare, call_with, package


class Pipeline(Flow):
    """Each step gets what the one before gave.

    Args:
        save_result: Whether flows inside may refer to its input and outputs; see
            :func:`save_pipeline_result`.

    Example:
        >>> pipeline(lambda x: x + 1, lambda x: x * 2)(3)
        8
    """

    def __init__(
        self, *items: Any, post_action: Any = None, save_result: bool | None = None, **named: Any
    ) -> None:
        super().__init__(*items, post_action=post_action, **named)
        if save_result is not None:
            self.saves = save_result

    @property
    def input(self) -> Ref:
        """What the pipeline was called with, for :func:`bind`."""
        return Ref(self, "input")

    @property
    def kwargs(self) -> Ref:
        """The keyword arguments it was called with, for :func:`bind`."""
        return Ref(self, "kwargs")

    def output(self, step: Any, unpack: bool = False) -> Ref:
        """What a step gave, by its name or itself, for :func:`bind`."""
        return Ref(self, step, unpack=unpack)

    def _lower(self, builder: Builder, source: Source, scope: Scope | None, name: str) -> Source:
        return self._lower_items(builder, source, Scope(self, scope, source, builder), name)

    def _lower_items(self, builder: Builder, source: Source, scope: Scope, name: str) -> Source:
        for index, item in enumerate(self.items):
            source = lower_item(item, builder, source, scope, self.label(index, name))
            scope.note(self.names[index], item, source, builder)
        return source


class Loop(Pipeline):
    """Repeats its steps, each round with what the round before gave.

    Args:
        stop_condition: Called with the result of each round; a true answer ends the loop.
        count: How many rounds at most.
        judge_on_full_input: False where a round gives a package whose first value is what
            ``stop_condition`` looks at and the rest what goes on.
        on_limit: ``return`` the last result when all rounds are used up, or ``raise``.

    Raises:
        FlowError: ``loop_without_end``: fewer than two rounds, or nothing that ends it.
    """

    def __init__(
        self,
        *items: Any,
        stop_condition: Callable[..., Any] | None = None,
        count: int = sys.maxsize,
        judge_on_full_input: bool = True,
        on_limit: Literal["return", "raise"] = "return",
        post_action: Any = None,
        **named: Any,
    ) -> None:
        super().__init__(*items, post_action=post_action, **named)
        if count < 2 or (count == sys.maxsize and stop_condition is None):
            raise FlowError(
                f"A loop of {count} rounds is none." if count < 2 else "Nothing ever ends this loop.",
                code="loop_without_end",
                hint="Give a count of 2 or more, or a stop_condition, or both.",
            )
        self.count = count
        self.stop_condition = made(stop_condition)
        self.judge_on_full_input = judge_on_full_input
        self.on_limit = on_limit

    def _lower(self, builder: Builder, source: Source, scope: Scope | None, name: str) -> Source:
        own = Scope(self, scope, source, builder)

        def inside(body: Builder) -> Source:
            return self._lower_items(body, body.entry, own, name)

        return lower_body(builder, source, name or "loop", inside, self._repeat)

    def _repeat(self, value: Any, body: Any, **carried: Any) -> Any:
        stop_condition, splits = self.stop_condition, not self.judge_on_full_input
        for index in range(self.count):
            inputs = {ENTRY: value, **carried} if carried else {ENTRY: value}
            judged = value = bare(body(index, inputs)[ENTRY])
            if splits:
                judged, value = _split(value)
            if stop_condition is not None and call_with(stop_condition, judged):
                return value
        if self.on_limit == "raise" and self.stop_condition is not None:
            raise FlowError(
                f"The loop used all its {self.count} rounds and was not stopped.",
                code="loop_did_not_stop",
                hint="Allow more rounds, or change what the stop condition looks at.",
            )
        return value


def _split(value: Any) -> tuple[Any, Any]:
    if not isinstance(value, tuple) or len(value) < 2:
        raise FlowError(
            "The condition is to be judged on the first of several values, but there is only one.",
            code="missing_value",
            hint="Return package(condition, value), or set judge_on_full_input=True.",
        )
    rest = value[1:]
    return value[0], package.of(rest) if type(value) is package else rest


pipeline = Pipeline
loop = Loop
