"""One of many ways on."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from flowloft.core.node import ERROR_PORT, Node
from flowloft.core.types import Ports, as_text

OTHERWISE = "otherwise"


class Case(BaseModel):
    """One way on, and what leads to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(
        title="Name", min_length=1, max_length=60, description="Name of the output of this case."
    )
    values: list[str] = Field(
        default_factory=list,
        title="Values",
        max_length=100,
        description="Any of these leads here; without any, the name itself does.",
        json_schema_extra={"x-widget": "list"},
    )

    def wanted(self) -> list[str]:
        """Returns what the text is compared with."""
        return self.values or [self.name]


class Switch(Node):
    """Sends a value the way of the first case that fits.

    The text at `on` (or the value itself where nothing is connected to `on`) is compared with
    the values of each case, from top to bottom. Where none fits, the value leaves by
    `otherwise`. What hangs on the other ways is skipped.
    """

    title = "Switch"
    group = "logic"
    icon = "arrows-split"
    quick = True
    fixed_outputs = (OTHERWISE,)

    cases: list[Case] = Field(
        default_factory=lambda: [Case(name="first"), Case(name="second")],
        title="Cases",
        max_length=50,
        description="Each case is an output.",
        json_schema_extra={"x-outputs": "items"},
    )
    match: Literal["equals", "contains"] = Field(
        "equals",
        title="A case fits when the text",
        description="equals: is one of its values. contains: has one of them in it.",
    )
    ignore_case: bool = Field(
        True, title="Ignore case", description="Whether capital and small letters count as the same."
    )

    @field_validator("cases")
    @classmethod
    def _distinct(cls, cases: list[Case]) -> list[Case]:
        seen = {OTHERWISE, ERROR_PORT}
        for case in cases:
            if case.name in seen:
                raise ValueError(f"the name “{case.name}” is taken; each case needs its own")
            seen.add(case.name)
        return cases

    def run(
        self,
        value: Annotated[Any, "Goes the way of the case."],
        on: Annotated[Any, "What is compared, if not the value."] = None,
    ) -> Ports[Any]:
        text = self._plain(as_text(value if on is None else on))
        for case in self.cases:
            if any(self._fits(text, self._plain(wanted)) for wanted in case.wanted()):
                return Ports({case.name: value})
        return Ports({OTHERWISE: value})

    def _plain(self, text: str) -> str:
        return text.strip().casefold() if self.ignore_case else text.strip()

    def _fits(self, text: str, wanted: str) -> bool:
        return wanted in text if self.match == "contains" else wanted == text
