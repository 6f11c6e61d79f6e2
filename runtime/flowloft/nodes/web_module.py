"""Steps behind a chat page."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from flowloft.core.carried import Carried
from flowloft.core.context import Body
from flowloft.core.node import Node, Port, signature_of
from flowloft.core.types import PortType


class WebModule(Node):
    """Puts a chat page before the steps inside it.

    Where the flow is deployed, or started from a script, the page asks them with each message. In a run they
    are done once, with the value that comes in as the message.
    """

    title = "Web page"
    group = "network"
    icon = "browser"
    has_body = True
    service = "page"
    cacheable = False

    name: str = Field("", title="Title", max_length=80, description="Shown on the page.")
    port: int = Field(
        0,
        title="Port",
        ge=0,
        le=65_535,
        description="Where the page is served; 0 for any free one.",
        json_schema_extra={"x-advanced": True},
    )
    carried: list[Carried] = Field(
        default_factory=list,
        title="Further values",
        max_length=20,
        description="Further inputs of the steps inside; “history” is the conversation so far.",
        json_schema_extra={"x-inputs": "items"},
    )

    def run(self, body: Body, value: Annotated[Any, "What was said."] = None, **carried: Any) -> Any:
        return body(0, {**carried, "value": value, "item": value, "index": 0}).get("value")

    def input_ports(self) -> list[Port]:
        return [*signature_of(type(self)).inputs, *self._declared("x-inputs", PortType.ANY)]
