"""One of two ways on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field, field_validator

from flowloft.core.errors import FlowError
from flowloft.core.node import Node
from flowloft.core.patterns import pattern
from flowloft.core.types import SKIPPED, as_text

Operator = Literal[
    "equals",
    "not_equals",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "matches",
    "greater",
    "at_least",
    "less",
    "at_most",
    "is_empty",
    "is_not_empty",
    "is_true",
]

_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "equals": lambda text, other: text == other,
    "not_equals": lambda text, other: text != other,
    "contains": lambda text, other: other in text,
    "not_contains": lambda text, other: other not in text,
    "starts_with": lambda text, other: text.startswith(other),
    "ends_with": lambda text, other: text.endswith(other),
}
_NUMBERS: dict[str, Callable[[float, float], bool]] = {
    "greater": lambda number, other: number > other,
    "at_least": lambda number, other: number >= other,
    "less": lambda number, other: number < other,
    "at_most": lambda number, other: number <= other,
}
_FALSE_WORDS = frozenset({"", "false", "no", "off", "0", "none", "null"})


class _Ways(NamedTuple):
    true: Annotated[Any, "The value, where the condition holds."]
    false: Annotated[Any, "The value, where it does not."]


class IfElse(Node):
    """Sends a value one way or the other.

    The value leaves by `true` where the condition holds, else by `false`; what hangs on the other
    way is skipped. The condition looks at `on`, or at the value itself where nothing is connected
    to `on`.
    """

    title = "If"
    group = "logic"
    icon = "arrows-split-2"
    quick = True

    operator: Operator = Field("contains", title="Condition", description="What must hold.")
    than: str = Field(
        "",
        title="Compared with",
        max_length=2000,
        description="A text, a number, or for “matches” a regular expression (RE2).",
    )
    ignore_case: bool = Field(
        True, title="Ignore case", description="Whether capital and small letters count as the same."
    )

    @field_validator("than")
    @classmethod
    def _checked(cls, value: str, info: Any) -> str:
        if info.data.get("operator") == "matches":
            try:
                pattern(value)
            except FlowError as error:
                raise ValueError(f"{error.message} {error.hint}") from error
        if info.data.get("operator") in _NUMBERS and value and _number(value) is None:
            raise ValueError("must be a number for this condition")
        return value

    def run(
        self,
        value: Annotated[Any, "Goes one way or the other."],
        on: Annotated[Any, "What the condition looks at, if not at the value."] = None,
    ) -> _Ways:
        holds = self._holds(value if on is None else on)
        return _Ways(value, SKIPPED) if holds else _Ways(SKIPPED, value)

    def _holds(self, subject: Any) -> bool:
        if self.operator in _NUMBERS:
            return _NUMBERS[self.operator](_needed(subject), _number(self.than) or 0.0)
        if self.operator in ("is_empty", "is_not_empty"):
            empty = subject is None or (
                not subject.strip() if isinstance(subject, str) else subject in ([], {}, ())
            )
            return empty == (self.operator == "is_empty")
        text = as_text(subject).strip()
        if self.operator == "is_true":
            return text.lower() not in _FALSE_WORDS
        if self.operator == "matches":
            return pattern(self.than, ignore_case=self.ignore_case).search(text) is not None
        other = self.than.strip()
        if self.ignore_case:
            text, other = text.casefold(), other.casefold()
        return _TEXTS[self.operator](text, other)


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _needed(subject: Any) -> float:
    """Reads a number, from a text that holds one as well."""
    number = _number(subject)
    if number is None:
        found = re.search(r"-?\d+(?:\.\d+)?", as_text(subject))
        number = float(found.group()) if found else None
    if number is None:
        raise FlowError(
            f"“{as_text(subject)[:80]}” is no number.",
            code="not_a_number",
            hint="Connect a number, or a text that holds one, or choose a condition for texts.",
        )
    return number
