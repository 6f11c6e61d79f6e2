"""A saved flow as one node of another."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from flowloft.core.context import Body
from flowloft.core.node import Node, Port
from flowloft.core.types import Ports, PortType

_TYPE = Literal["text", "number", "boolean", "list", "record", "messages", "documents", "file", "any"]


class Taken(BaseModel):
    """An input of the saved flow."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(title="Name", min_length=1, max_length=64)
    type: _TYPE = Field("any", title="Type")
    required: bool = Field(True, title="Required")


class Given(BaseModel):
    """An output of the saved flow."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(title="Name", min_length=1, max_length=64)
    type: _TYPE = Field("any", title="Type")


class Subflow(Node):
    """Runs a saved flow as one step.

    Its inputs and outputs are those of the saved flow. `published` follows the flow's newest published
    version, a number stays with that one, `draft` takes the flow as it is being edited. Publishing this
    flow, and every run, keeps the saved flow as it was at that moment.
    """

    title = "Subflow"
    group = "logic"
    icon = "hierarchy-2"
    cacheable = False

    flow: str = Field("", title="Flow", max_length=64, json_schema_extra={"x-widget": "flow"})
    flow_version: str = Field(
        "published",
        title="Version",
        pattern=r"^(draft|published|[1-9][0-9]{0,8})$",
        description="“published” follows each new version, “draft” each change; a number stays.",
        json_schema_extra={"x-widget": "flow_version"},
    )
    takes: list[Taken] = Field(
        default_factory=list,
        title="Inputs",
        max_length=50,
        json_schema_extra={"x-inputs": "items", "x-widget": "ports", "x-advanced": True},
    )
    gives: list[Given] = Field(
        default_factory=list,
        title="Outputs",
        max_length=50,
        json_schema_extra={"x-outputs": "items", "x-widget": "ports", "x-advanced": True},
    )

    def runs_flow(self) -> str:
        return f"{self.flow}@{self.flow_version}"

    def run(self, body: Body, **inputs: Any) -> Ports[Any]:
        result = body(0, {name: value for name, value in inputs.items() if value is not None})
        return Ports({given.name: result[given.name] for given in self.gives if given.name in result})

    def input_ports(self) -> list[Port]:
        return [
            Port(name=one.name, title=one.name, type=PortType(one.type), required=one.required)
            for one in self.takes
        ]

    def output_ports(self) -> list[Port]:
        return [Port(name=one.name, title=one.name, type=PortType(one.type)) for one in self.gives]
