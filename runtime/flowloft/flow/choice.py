"""One way of several."""

from __future__ import annotations

import inspect
from typing import Any

from flowloft.core.errors import FlowError
from flowloft.flow.base import Flow, lower_item, made
from flowloft.flow.bound import Bind
from flowloft.flow.builder import ENTRY, Builder, Scope, Source
from flowloft.flow.values import bare, call_with, package, with_named

DEFAULT = "default"

_SCALARS = frozenset({str, int, float, bool, bytes, type(None)})
"""Types whose values are equal exactly where a dict finds them to be."""


class _Choice(Flow):
    """Steps of which one runs."""

    def choose(self, value: Any) -> dict[str, Any]:
        """Returns the value under the number of the way it takes, from 0."""
        raise NotImplementedError

    def _ways(
        self, builder: Builder, source: Source, scope: Scope | None, name: str, ways: list[Any], kind: str
    ) -> Source:
        """Adds the fork and the ways; the result is that of whichever way was taken."""
        ports = tuple(str(index) for index in range(len(ways)))
        label = f"{name}.{kind}" if name else kind
        *forks, none = builder.step(
            label, self.choose, {ENTRY: source}, ports=(*ports, "none"), quick=True, forks=True
        )
        if source in builder.calls:
            builder.calls.update(forks)
        ends: list[int] = []
        for index, (way, fork) in enumerate(zip(ways, forks, strict=True)):
            ends += lower_item(way, builder, fork, scope, f"{name}.{index}" if name else "")
        return (*ends, *none)


class Ifs(_Choice):
    """``ifs(cond, true, false)``: one of two.

    Args:
        cond: A bool, or a function of the value; one without parameters is called without.

    Example:
        >>> ifs(lambda x: x > 10, lambda x: "much", lambda x: "little")(11)
        'much'
    """

    def __init__(self, cond: Any, true: Any, false: Any, post_action: Any = None) -> None:
        super().__init__(true, false, post_action=post_action)
        self.cond = made(cond)

    def _lower(self, builder: Builder, source: Source, scope: Scope | None, name: str) -> Source:
        return self._ways(builder, source, scope, name, self.items, "if")

    def choose(self, value: Any) -> dict[str, Any]:
        return {"0" if self._holds(value) else "1": value}

    def _holds(self, value: Any) -> bool:
        if isinstance(self.cond, bool):
            return self.cond
        if not callable(self.cond):
            raise FlowError(
                f"{self.cond!r} is no condition.",
                code="invalid_condition",
                hint="A condition is True, False, or a function.",
            )
        return bool(self.cond() if _takes_nothing(self.cond) else call_with(self.cond, value))


def _takes_nothing(cond: Any) -> bool:
    """Says whether a condition can be called without arguments."""
    if isinstance(cond, (Flow, Bind)):
        return False
    try:
        inspect.signature(cond).bind()
    except (TypeError, ValueError):
        return False
    return True


class Switch(_Choice):
    """``switch(cond1, step1, cond2, step2, ...)``: the first that fits; None where none does.

    Args:
        conditions: Alternately a condition (a value to equal, a function of the value that returns
            True, or ``"default"`` at the end) and a step; or one dict of them.
        conversion: Turns the value into what the conditions look at; the step gets the value itself.
        judge_on_full_input: False where only the first of several values is looked at and the others
            go on.

    Raises:
        FlowError: ``default_not_last``: cases after ``"default"`` could never be taken.
    """

    def __init__(
        self,
        *conditions: Any,
        conversion: Any = None,
        judge_on_full_input: bool = True,
        post_action: Any = None,
    ) -> None:
        if len(conditions) == 1 and isinstance(conditions[0], dict):
            pairs = list(conditions[0].items())
        elif len(conditions) % 2:
            raise FlowError(
                "A condition of the switch has no step.",
                code="invalid_switch",
                hint="Write switch(cond1, step1, cond2, step2).",
            )
        else:
            pairs = list(zip(conditions[::2], conditions[1::2], strict=True))
        super().__init__(post_action=post_action)
        self.conditions: list[Any] = []
        self._constants: dict[Any, int] = {}
        self._others: list[int] = []
        self.conversion = made(conversion)
        self.judge_on_full_input = judge_on_full_input
        for condition, step in pairs:
            self.add_case(condition, step)

    @property
    def case(self) -> Case:
        """``s.case[condition, step]`` adds a case inside ``with switch() as s:``."""
        return Case(self)

    def add_case(self, condition: Any, step: Any) -> None:
        """Adds a case at the end."""
        if not self.compat and DEFAULT in [one for one in self.conditions if isinstance(one, str)]:
            raise FlowError(
                "A case after “default” could never be taken.",
                code="default_not_last",
                hint="Put “default” at the end.",
            )
        self.add(None, step)
        condition = made(condition)
        if type(condition) in _SCALARS and condition != DEFAULT:
            self._constants.setdefault(condition, len(self.conditions))
        else:
            self._others.append(len(self.conditions))
        self.conditions.append(condition)

    def _lower(self, builder: Builder, source: Source, scope: Scope | None, name: str) -> Source:
        return self._ways(builder, source, scope, name, self.items, "switch")

    def choose(self, value: Any) -> dict[str, Any]:
        judged = going = bare(value)
        if not self.judge_on_full_input:
            judged, going = _first(going)
        if self.conversion is not None:
            judged = call_with(self.conversion, judged)
        index = self._first_fit(judged)
        return {"none": None} if index is None else {str(index): with_named(going, value)}

    def _first_fit(self, value: Any) -> int | None:
        """Returns the number of the first case that fits. Plain constants are looked up, so that a
        hundred of them cost no more than one."""
        if type(value) not in _SCALARS:
            fitting = (index for index, one in enumerate(self.conditions) if _fits(one, value))
            return next(fitting, None)
        constant = self._constants.get(value)
        for index in self._others:
            if constant is not None and constant < index:
                break
            if _fits(self.conditions[index], value):
                return index
        return constant


def _first(value: Any) -> tuple[Any, Any]:
    if not isinstance(value, tuple) or len(value) < 2:
        raise FlowError(
            "The condition is to be judged on the first of several values, but there is only one.",
            code="missing_value",
            hint="Call it with the condition's value and what goes on, or set judge_on_full_input=True.",
        )
    rest = value[1:]
    if len(rest) == 1:
        return value[0], rest[0]
    return value[0], package.of(rest) if type(value) is package else rest


def _fits(condition: Any, value: Any) -> bool:
    if callable(condition):
        return call_with(condition, value) is True
    if isinstance(condition, str) and condition == DEFAULT:
        return True
    return bool(value == condition or (type(value) is package and value == (condition,)))


class Case:
    """``case[condition, step]``, ``case[condition:step]`` or ``case(condition, step)``."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch

    def __call__(self, condition: Any, step: Any) -> None:
        self._switch.add_case(condition, step)

    def __getitem__(self, case: Any) -> None:
        if isinstance(case, slice):
            case = (case.start, case.stop if case.stop is not None else case.step)
        if not isinstance(case, tuple) or len(case) != 2:
            raise FlowError(
                "A case needs a condition and a step.",
                code="invalid_switch",
                hint="Write case[condition, step].",
            )
        self._switch.add_case(*case)


ifs = Ifs
switch = Switch
