"""Several branches become one value."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import reduce
from typing import Annotated, Any, Literal

from pydantic import Field

from flowloft.core.errors import FlowError
from flowloft.core.node import Node, Port
from flowloft.core.types import PortType, as_text

How = Literal["text", "list", "record", "sum", "first"]

_TYPES: dict[How, PortType] = {
    "text": PortType.TEXT,
    "list": PortType.LIST,
    "record": PortType.RECORD,
    "sum": PortType.ANY,
    "first": PortType.ANY,
}


class Join(Node):
    """Gathers the results of several branches into one value.

    Waits for all branches; one that was not taken is left out. The items come in the order in
    which the edges were drawn. A single list stands for its items.
    """

    title = "Join"
    group = "logic"
    icon = "arrows-join"
    quick = True

    how: How = Field(
        "text",
        title="Join as",
        description=(
            "text: put one after the other. list: a list. record: by name. "
            "sum: added up. first: the first one that is there."
        ),
    )
    separator: str = Field(
        "\n\n",
        title="Separator",
        max_length=200,
        description="Put between the texts.",
        json_schema_extra={"x-widget": "textarea", "x-visible-when": {"how": "text"}},
    )
    names: list[str] = Field(
        default_factory=list,
        title="Names",
        max_length=100,
        description="Names of the items of a record, in order; items without one are numbered from 1.",
        json_schema_extra={"x-widget": "list", "x-visible-when": {"how": "record"}},
    )

    def run(self, *items: Annotated[Any, "As many edges as you like."]) -> Any:
        if len(items) == 1 and isinstance(items[0], list):
            items = tuple(items[0])
        joins: dict[How, Callable[[tuple[Any, ...]], Any]] = {
            "text": lambda values: self.separator.join(as_text(value) for value in values),
            "list": list,
            "record": self._record,
            "sum": _sum,
            "first": lambda values: next(iter(values), None),
        }
        return joins[self.how](items)

    def output_ports(self) -> list[Port]:
        (port,) = super().output_ports()
        return [port.model_copy(update={"type": _TYPES[self.how]})]

    def _record(self, values: tuple[Any, ...]) -> dict[str, Any]:
        names = [*self.names, *(str(number) for number in range(len(self.names) + 1, len(values) + 1))]
        return dict(zip(names, values, strict=False))


def _sum(values: tuple[Any, ...]) -> Any:
    """Adds up by the type of the first, as ``parallel(...).sum`` does: what follows a text becomes one."""
    if not values:
        return 0
    if isinstance(values[0], str):
        return "".join(str(value) for value in values)
    try:
        return reduce(operator.add, values)
    except TypeError as error:
        kinds = ", ".join(sorted({type(value).__name__ for value in values}))
        raise FlowError(
            f"These values can't be added up: {kinds}.",
            code="cannot_add",
            hint="Let all branches give numbers, or all texts, or all lists; or join them as a list.",
        ) from error
