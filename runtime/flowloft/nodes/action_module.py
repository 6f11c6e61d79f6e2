"""Several steps as one."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from flowloft.core.carried import Carried
from flowloft.core.context import Body
from flowloft.core.node import Node, Port, signature_of
from flowloft.core.types import PortType


class ActionModule(Node):
    """Runs the steps inside it as one step.

    What holds for a node then holds for all of them together: one error policy, one time limit, one
    result that is kept. Models and servers inside it are trained and served with it.
    """

    title = "Action"
    group = "logic"
    icon = "package"
    has_body = True

    carried: list[Carried] = Field(
        default_factory=list,
        title="Further values",
        max_length=20,
        description="Further inputs of the steps inside.",
        json_schema_extra={"x-inputs": "items"},
    )

    def run(
        self, body: Body, value: Annotated[Any, "What the steps begin with."] = None, **carried: Any
    ) -> Any:
        return body(0, {**carried, "value": value, "item": value, "index": 0}).get("value")

    def input_ports(self) -> list[Port]:
        return [*signature_of(type(self)).inputs, *self._declared("x-inputs", PortType.ANY)]
