"""A named value that a run ends with."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from flowloft.core.node import Node, Port
from flowloft.core.types import Ports, PortType


class Output(Node):
    """Hands out a named value as a result of the run."""

    title = "Output"
    group = "data"
    icon = "arrow-bar-right"
    quick = True
    role = "output"
    cacheable = False

    name: str = Field(
        "result",
        title="Name",
        pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$",
        description="Letters, digits and _. Each output of a flow has its own.",
    )
    description: str = Field(
        "", title="Description", max_length=500, description="Told to whoever reads the result."
    )

    def run(self, value: Annotated[Any, "The result."]) -> Ports[Any]:
        return Ports({self.name: value})

    def answers(self) -> list[Port]:
        return [Port(name=self.name, title=self.name, type=PortType.ANY)]
