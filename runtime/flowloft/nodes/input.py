"""A named value that a run is started with."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, JsonValue

from flowloft.core.context import Context
from flowloft.core.errors import InputError
from flowloft.core.node import Node, Port
from flowloft.core.types import PortType

_FITS: dict[str, type | tuple[type, ...]] = {
    "text": str,
    "number": (int, float),
    "boolean": bool,
    "list": list,
    "record": dict,
    "messages": list,
    "documents": list,
    "file": dict,
}


class Input(Node):
    """Brings in a named value when the run starts.

    The form of the flow, its API and a flow that contains it ask for the value by this name.
    """

    title = "Input"
    group = "data"
    icon = "arrow-bar-to-right"
    quick = True
    role = "input"
    cacheable = False

    name: str = Field(
        "value",
        title="Name",
        pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$",
        description="Letters, digits and _. Each input of a flow has its own.",
    )
    type: Literal["text", "number", "boolean", "list", "record", "messages", "documents", "file", "any"] = (
        Field("text", title="Type", description="What kind of value is expected.")
    )
    required: bool = Field(True, title="Required", description="Whether a run can't start without it.")
    default: JsonValue = Field(
        None,
        title="Default",
        description="Used when no value is given.",
        json_schema_extra={"x-widget": "json"},
    )
    description: str = Field(
        "", title="Description", max_length=500, description="Told to whoever fills it in."
    )

    def run(self, ctx: Context) -> Any:
        value = ctx.inputs.get(self.name, self.default)
        if value is None:
            if self.required:
                raise InputError(
                    f"The input “{self.name}” has no value.",
                    code="missing_input",
                    hint=f"Start the run with a value of type {self.type} for it.",
                    extra={"path": f"/inputs/{self.name}"},
                )
            return None
        if not self._suits(value):
            raise InputError(
                f"The input “{self.name}” is not of type {self.type}.",
                hint=f"Give a {self.type}.",
                extra={"path": f"/inputs/{self.name}"},
            )
        return value

    def output_ports(self) -> list[Port]:
        (port,) = super().output_ports()
        return [port.model_copy(update={"type": PortType(self.type)})]

    def asks(self) -> list[Port]:
        needed = self.required and self.default is None
        return [Port(name=self.name, title=self.name, type=PortType(self.type), required=needed)]

    def _suits(self, value: Any) -> bool:
        if self.type == "number" and isinstance(value, bool):
            return False
        return isinstance(value, _FITS.get(self.type, object))
