"""Steps that are a service of their own."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from flowloft.core.calls import Address, Caller
from flowloft.core.carried import Carried
from flowloft.core.context import Body, Context
from flowloft.core.node import Node, Port, signature_of
from flowloft.core.types import PortType


class ServerModule(Node):
    """Serves the steps inside it: others call them over plain JSON.

    Where the flow is deployed, or started from a script, the steps inside are a server of their own with
    `POST /run` and `/openapi.json`, and this node calls it. Elsewhere they are done in place. The result is
    the same.
    """

    title = "Server"
    group = "network"
    icon = "server"
    has_body = True
    service = "server"
    cacheable = False

    carried: list[Carried] = Field(
        default_factory=list,
        title="Further values",
        max_length=20,
        description="Further inputs of the steps inside; callers send them by name.",
        json_schema_extra={"x-inputs": "items"},
    )
    timeout: float = Field(
        120.0, title="Longest wait", gt=0, le=3600, description="In seconds, for one call of the server."
    )

    def run(
        self,
        body: Body,
        ctx: Context,
        value: Annotated[Any, "What the steps begin with."] = None,
        **carried: Any,
    ) -> Any:
        served = ctx.services.get(ctx.place())
        if served is None:
            return body(0, {**carried, "value": value, "item": value, "index": 0}).get("value")
        address = Address(served.base_url, served.api_key, {}, ctx.remaining(self.timeout), 50_000_000, False)
        return Caller(address).output({"named": {"value": value, **carried}}, ctx)["output"]

    def input_ports(self) -> list[Port]:
        return [*signature_of(type(self)).inputs, *self._declared("x-inputs", PortType.ANY)]
