"""The server of one flow for one request: its one tool, and the exchange with the library.

The library takes a second to load, so only who is asked by a program loads this.
"""

from __future__ import annotations

import json
import re
from threading import BoundedSemaphore
from typing import Any
from uuid import UUID

import mcp_types as mcp
from asgiref.sync import async_to_sync, sync_to_async
from django.http import HttpResponse
from flowloft.core.errors import FlowloftError
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from rest_framework.request import Request

from backend.common.errors import ApiError
from backend.exports.description import tool_inputs
from backend.exports.flow_files import spec_of
from backend.flows.models import Flow
from backend.runs.models import Run
from backend.runs.services import run_start
from backend.runs.states import Status
from backend.runs.tail import ended

PATIENCE = 300
"""Seconds that a call of the tool may take."""
AT_ONCE = 16
_WAITING = BoundedSemaphore(AT_ONCE)
"""Each that waits holds a thread of the web process."""
ORIGIN = "mcp"
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST_NAME = 60


def answer(*, request: Request, flow: Flow) -> HttpResponse:
    """Returns what the server of a flow says to a request."""
    if not _WAITING.acquire(blocking=False):
        raise ApiError(
            429,
            "too_many_requests",
            f"{AT_ONCE} programs are being answered already.",
            "Wait a little, then ask again.",
        )
    try:
        exchange = _Exchange(request)
        async_to_sync(exchange.by)(server_of(flow=flow, user=request.user))
    finally:
        _WAITING.release()
    return exchange.answer()


def server_of(*, flow: Flow, user: Any) -> Server[Any]:
    """Returns the server of one flow, for one request."""
    name = _NOT_IN_NAMES.sub("_", flow.name).strip("_")[:_LONGEST_NAME] or f"flow_{flow.pk.hex[:8]}"

    async def tools(_: Any, __: Any) -> mcp.ListToolsResult:
        # Before anything is published the tool has no fields, so that a client can be set up first.
        inputs = await sync_to_async(_inputs)(flow, user)
        about = flow.description or flow.name
        return mcp.ListToolsResult(
            tools=[mcp.Tool(name=name, title=flow.name, description=about, input_schema=inputs)]
        )

    async def call(_: Any, asked: mcp.CallToolRequestParams) -> mcp.CallToolResult:
        if asked.name != name:
            return _said(f"There is no tool “{asked.name}”; there is “{name}”.", bad=True)
        try:
            run = await sync_to_async(run_start)(
                owner=user, flow=flow, version="published", inputs=dict(asked.arguments or {}), origin=ORIGIN
            )
        except FlowloftError as error:
            return _said(" ".join(filter(None, [error.message, error.hint])), bad=True)
        over = await ended(run.id, PATIENCE)
        return await sync_to_async(_result)(run.id, over)

    return Server(name, version=str(flow.published_version or 0), on_list_tools=tools, on_call_tool=call)


def _inputs(flow: Flow, user: Any) -> dict[str, Any]:
    if flow.published_version is None:
        return {"type": "object", "properties": {}}
    return tool_inputs(spec_of(user=user, flow_id=flow.pk, version="published")[1])


def _result(run_id: UUID, over: bool) -> mcp.CallToolResult:
    run = Run.objects.get(id=run_id)
    if run.status == Status.SUCCEEDED:
        outputs: dict[str, Any] = run.outputs or {}
        text = outputs.get("text")
        plain = (
            text if isinstance(text, str) and len(outputs) == 1 else json.dumps(outputs, ensure_ascii=False)
        )
        return _said(plain, outputs=outputs)
    if run.status == Status.WAITING:
        return _said(f"The run {run.id} waits for a person, who answers in the studio.", bad=True)
    if not over:
        return _said(
            f"The run {run.id} still goes on after {PATIENCE} s; the studio shows how far.", bad=True
        )
    error = run.error or {}
    words = filter(None, [error.get("message", f"The run ended as {run.status}."), error.get("hint")])
    return _said(" ".join(words), bad=True)


def _said(text: str, *, bad: bool = False, outputs: dict[str, Any] | None = None) -> mcp.CallToolResult:
    return mcp.CallToolResult(
        content=[mcp.TextContent(type="text", text=text)], structured_content=outputs, is_error=bad
    )


class _Exchange:
    """One request and its answer, as the library wants to read and write them."""

    def __init__(self, request: Request) -> None:
        # Read as every body of the API is, so that what is no JSON is refused in the API's own words.
        self._body = json.dumps(request.data).encode()
        own = {
            name.lower(): text for name, text in request.headers.items() if name.lower().startswith("mcp-")
        }
        headers = own | {"content-type": "application/json", "accept": "application/json, text/event-stream"}
        self._scope: dict[str, Any] = {
            "type": "http",
            "http_version": "1.1",
            "method": request.method,
            "path": request.path,
            "raw_path": request.path.encode(),
            "query_string": b"",
            "root_path": "",
            "scheme": request.scheme,
            "server": None,
            "client": None,
            "headers": [
                (name.encode("latin-1"), text.encode("latin-1", "replace")) for name, text in headers.items()
            ],
        }
        self._read = False
        self._status = 500
        self._headers: dict[str, str] = {}
        self._said = b""

    async def by(self, server: Server[Any]) -> None:
        """Lets a server answer."""
        manager = StreamableHTTPSessionManager(app=server, json_response=True, stateless=True)
        async with manager.run():
            await manager.handle_request(self._scope, self._receive, self._send)

    async def _receive(self) -> dict[str, Any]:
        if self._read:
            return {"type": "http.disconnect"}
        self._read = True
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._headers = {
                name.decode("latin-1"): value.decode("latin-1") for name, value in message["headers"]
            }
        else:
            self._said += message.get("body", b"")

    def answer(self) -> HttpResponse:
        """Returns what the server said."""
        kind = self._headers.get("content-type")
        return HttpResponse(self._said, status=self._status, content_type=kind)
