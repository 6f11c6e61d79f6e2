"""Something that is served elsewhere."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from flowloft.core.calls import Address, Caller, served
from flowloft.core.calls.wire import call_of
from flowloft.core.carried import Carried
from flowloft.core.context import Context
from flowloft.core.node import Effect, Node, Port, signature_of
from flowloft.core.provider import connection_of
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

    server: str = Field(
        "",
        title="Server",
        max_length=300,
        description=(
            "One whose address and key are kept on the page Models, as “Served module”. "
            "Empty: the address below, without a key."
        ),
        json_schema_extra={"x-widget": "model", "x-job": "module"},
    )
    url: str = Field(
        "https://",
        title="Address",
        max_length=4000,
        description="As the server tells it, for example: https://example.com/run",
        json_schema_extra={"x-visible-when": {"server": ""}},
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
        call = {"named": named} if self.named else call_of((value,), {})
        return Caller(self._address(ctx)).output(call, ctx)["output"]

    def input_ports(self) -> list[Port]:
        return [*signature_of(type(self)).inputs, *self._declared("x-inputs", PortType.ANY)]

    def _address(self, ctx: Context) -> Address:
        headers = {"idempotency-key": ctx.idempotency_key} if ctx.idempotency_key else {}
        limits = ctx.remaining(self.timeout), self.max_bytes
        if not self.server:
            return Address(self.url.strip(), "", headers, *limits, True)
        known = connection_of(ctx, self.server)
        guarded = bool(known.options.get("guarded"))
        return Address(served(known.base_url, known.model), known.any_key(), headers, *limits, guarded)
