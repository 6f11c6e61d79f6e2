"""Something that is served elsewhere."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from flowloft.core.calls import Address, Caller
from flowloft.core.calls.wire import call_of
from flowloft.core.carried import Carried
from flowloft.core.context import Context
from flowloft.core.node import Effect, Node, Port, signature_of
from flowloft.core.types import PortType


class UrlModule(Node):
    """Calls what a Server node, `ServerModule` or `flowloft serve` serves elsewhere.

    The input goes there as JSON, and the answer comes back as data: its size is limited and nothing of it is
    executed. Addresses inside the network of the studio are refused. For any other web service take an HTTP
    request.
    """

    title = "Served module"
    group = "network"
    icon = "plug-connected"
    cacheable = False

    url: str = Field(
        "https://",
        title="Address",
        max_length=4000,
        description="As the server tells it, for example: https://example.com/run",
    )
    key: str = Field(
        "",
        title="Key",
        max_length=1000,
        description="As the server tells it. It is left out of exports.",
        json_schema_extra={"x-widget": "secret"},
    )
    named: list[Carried] = Field(
        default_factory=list,
        title="Inputs by name",
        max_length=20,
        description="For a server that takes several values. Empty: it is sent the one value.",
        json_schema_extra={"x-inputs": "items"},
    )
    timeout: float = Field(
        120.0, title="Longest wait", gt=0, le=3600, description="In seconds, for one call."
    )
    safe_to_repeat: bool = Field(
        False,
        title="Safe to repeat",
        description="The server does nothing twice, even if the same call comes twice.",
        json_schema_extra={"x-advanced": True},
    )
    max_bytes: int = Field(
        2_000_000,
        title="Largest answer",
        ge=1,
        le=50_000_000,
        description="In bytes; a larger one fails.",
        json_schema_extra={"x-advanced": True},
    )

    def effect(self) -> Effect:
        return "repeatable" if self.safe_to_repeat else "once"

    def run(self, ctx: Context, value: Annotated[Any, "What is sent."] = None, **named: Any) -> Any:
        headers = {"idempotency-key": ctx.idempotency_key} if ctx.idempotency_key else {}
        address = Address(
            self.url.strip(), self.key, headers, ctx.remaining(self.timeout), self.max_bytes, True
        )
        call = {"named": named} if self.named else call_of((value,), {})
        return Caller(address).output(call, ctx)["output"]

    def input_ports(self) -> list[Port]:
        return [*signature_of(type(self)).inputs, *self._declared("x-inputs", PortType.ANY)]
