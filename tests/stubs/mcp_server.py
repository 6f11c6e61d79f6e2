"""A server of the Model Context Protocol, made with the protocol's own library, over a real socket."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import mcp_types as mcp
import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

TOKEN = "mcp-right-token"


@dataclass
class McpStub:
    """What a test sees of the server."""

    url: str
    calls: list[tuple[str, Any]] = field(default_factory=list)


def _tool(name: str, about: str, *names: str) -> mcp.Tool:
    members = {one: {"type": "number"} for one in names}
    schema = {"type": "object", "properties": members, "required": list(names)}
    return mcp.Tool(name=name, description=about, input_schema=schema)


def _said(text: str, *, data: dict[str, Any] | None = None, bad: bool = False) -> mcp.CallToolResult:
    content = [mcp.TextContent(type="text", text=text)]
    return mcp.CallToolResult(content=content, structured_content=data, is_error=bad)


@contextlib.contextmanager
def mcp_server(*, streams: bool) -> Iterator[McpStub]:
    """Serves two tools on a free port of loopback until the block ends.

    Args:
        streams: Whether it answers by streams of events and keeps sessions, or by plain JSON without.
    """
    door = socket.create_server(("127.0.0.1", 0))
    seen = McpStub(f"http://127.0.0.1:{door.getsockname()[1]}/mcp")

    async def tools(_: Any, __: Any) -> mcp.ListToolsResult:
        return mcp.ListToolsResult(
            tools=[_tool("add", "Adds two numbers.", "a", "b"), _tool("break", "Breaks down.")]
        )

    async def call(_: Any, asked: mcp.CallToolRequestParams) -> mcp.CallToolResult:
        given = dict(asked.arguments or {})
        seen.calls.append((asked.name, given))
        if asked.name == "add":
            total = given["a"] + given["b"]
            return _said(str(total), data={"sum": total})
        return _said("the lamp is broken", bad=True)

    server: Server[Any] = Server("stub", on_list_tools=tools, on_call_tool=call)
    manager = StreamableHTTPSessionManager(app=server, json_response=not streams, stateless=not streams)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if dict(scope["headers"]).get(b"authorization") != f"Bearer {TOKEN}".encode():
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b"no"})
            return
        await manager.handle_request(scope, receive, send)

    web = uvicorn.Server(uvicorn.Config(_Alive(manager, app), log_level="error", lifespan="on"))
    thread = threading.Thread(target=web.run, kwargs={"sockets": [door]}, daemon=True)
    thread.start()
    try:
        while not web.started:
            time.sleep(0.02)
        yield seen
    finally:
        web.should_exit = True
        thread.join(10)


class _Alive:
    """The application with the library's own loop around it."""

    def __init__(self, manager: StreamableHTTPSessionManager, app: Any) -> None:
        self._manager = manager
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await self._app(scope, receive, send)
            return
        await receive()
        async with self._manager.run():
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})
