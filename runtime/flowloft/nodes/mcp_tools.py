"""Tools of a server of the Model Context Protocol."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from flowloft.core.context import Context
from flowloft.core.errors import InputError
from flowloft.core.mcp import McpServer
from flowloft.core.node import Effect, Node
from flowloft.core.tool import Tool
from flowloft.nodes._keys import key_for


class McpTools(Node):
    """Uses the tools that a server offers by the Model Context Protocol (MCP).

    Inside an agent it is all of them, or those that are chosen. By itself it calls one. The address is
    that of the server's streamable HTTP; addresses inside the network of the studio are refused. A
    published flow has such an address too.
    """

    title = "MCP tools"
    group = "network"
    icon = "plug-connected"
    cacheable = False

    url: str = Field(
        "https://", title="Address", max_length=4000, description="For example: https://example.com/mcp"
    )
    key: str = Field(
        "",
        title="Key",
        max_length=300,
        description="Kept encrypted apart from the flow, and sent to its own address only.",
        json_schema_extra={"x-widget": "secret_reference", "x-job": "service"},
    )
    tools: list[str] = Field(
        default_factory=list,
        title="Tools",
        max_length=200,
        description="Names of those that may be used; none means all.",
        json_schema_extra={"x-widget": "list"},
    )
    safe_to_repeat: bool = Field(
        False,
        title="Safe to repeat",
        description="The tools do nothing twice, even if the same call comes twice.",
        json_schema_extra={"x-advanced": True},
    )
    timeout: float = Field(
        60.0,
        title="Longest wait",
        gt=0,
        le=600,
        description="In seconds, for one call.",
        json_schema_extra={"x-advanced": True},
    )

    def effect(self) -> Effect:
        return "repeatable" if self.safe_to_repeat else "once"

    def offers(self, ctx: Context) -> list[Tool]:
        found = self._server(ctx).tools()
        return [tool for tool in found if not self.tools or tool.name in self.tools]

    def run(
        self,
        ctx: Context,
        arguments: Annotated[Any, "Its arguments: a record."] = None,
        tool: Annotated[str, "Which tool; the only one that is chosen, where nothing comes in."] = "",
    ) -> Any:
        name = tool or (self.tools[0] if len(self.tools) == 1 else "")
        if not name:
            raise InputError(
                "Nothing says which tool is to be called.",
                code="no_tool",
                hint="Choose one tool in the settings, or connect a name to “tool”.",
            )
        if self.tools and name not in self.tools:
            raise InputError(
                f"The tool “{name}” is not among those that may be used.",
                code="unknown_tool",
                hint=f"There are: {', '.join(self.tools)}.",
            )
        if not isinstance(arguments if arguments is not None else {}, dict):
            raise InputError("The arguments are no record.", code="invalid_input", hint="Connect a record.")
        return self._server(ctx).call(name, arguments or {})

    def _server(self, ctx: Context) -> McpServer:
        url = self.url.strip()
        return McpServer(ctx, url, key=key_for(ctx, self.key, url), timeout=self.timeout)
