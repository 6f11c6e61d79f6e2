"""Asking a server of the Model Context Protocol: which tools it has, and calling one.

Source: https://modelcontextprotocol.io/specification/2025-06-18/basic/transports, Streamable HTTP.
The library ``mcp`` is asynchronous and goes to the network by itself; here each message is one request
through :func:`~flowloft.core.fetch.fetch`, which keeps flows out of the inside of a network.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import Any

from flowloft.core.context import Connection, Context
from flowloft.core.errors import FlowError, ProviderError
from flowloft.core.fetch import Answer, fetch
from flowloft.core.tool import Tool

PROTOCOL = "2025-06-18"
MOST_PAGES = 20
"""Of the list of tools."""


class McpServer:
    """A server at an address, for one run.

    Args:
        url: Of its one endpoint.
        key: Holds what is sent as ``Authorization: Bearer``, and hidden in what comes back.
        timeout: Seconds for one message.
        max_bytes: Of one answer.
    """

    def __init__(
        self, ctx: Context, url: str, *, key: Connection, timeout: float = 60.0, max_bytes: int = 2_000_000
    ) -> None:
        self._ctx = ctx
        self._url = url
        self._key = key
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._numbers = itertools.count(1)
        self._headers = {
            "content-type": "application/json",
            "accept": "application/json, text/event-stream",
            **({"authorization": f"Bearer {key.any_key()}"} if key.any_key() else {}),
        }
        self._ready = False

    def tools(self) -> list[Tool]:
        """Returns what it offers.

        Raises:
            ProviderError: It does not answer, or does not speak the protocol.
            FlowError: The address is refused.
        """
        found: list[Tool] = []
        cursor: dict[str, Any] = {}
        for _ in range(MOST_PAGES):
            page = self._asked("tools/list", cursor)
            for one in page.get("tools") or []:
                schema = one.get("inputSchema") or {"type": "object"}
                found.append(Tool(str(one["name"]), str(one.get("description") or ""), schema))
            if not page.get("nextCursor"):
                break
            cursor = {"cursor": page["nextCursor"]}
        return found

    def call(self, name: str, arguments: dict[str, Any]) -> Any:
        """Runs a tool; returns its data, or else its text.

        Raises:
            FlowError: ``tool_failed``, with what the tool says.
            ProviderError: As :meth:`tools`.
        """
        result = self._asked("tools/call", {"name": name, "arguments": arguments})
        parts = [one for one in result.get("content") or [] if isinstance(one, dict)]
        text = "\n".join(str(one.get("text", "")) for one in parts if one.get("type") == "text")
        if result.get("isError"):
            raise FlowError(
                f"The tool “{name}” says: {text[:2000] or 'it has failed'}",
                code="tool_failed",
                hint="Look at what it was called with.",
            )
        data = result.get("structuredContent")
        return text if data is None else data

    def _asked(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self._introduce()
        return self._request(method, params)

    def _introduce(self) -> None:
        if self._ready:
            return
        about = {"name": "flowloft", "version": "1"}
        said = self._request(
            "initialize", {"protocolVersion": PROTOCOL, "capabilities": {}, "clientInfo": about}
        )
        self._headers["mcp-protocol-version"] = str(said.get("protocolVersion") or PROTOCOL)
        self._ready = True
        self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def _request(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        number = next(self._numbers)
        answer = self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        session = answer.headers.get("mcp-session-id")
        if session:
            self._headers["mcp-session-id"] = session
        for message in _messages(answer):
            if message.get("id") != number:
                continue
            if "error" in message:
                raise self._no(f"It says: {str(message['error'].get('message', ''))[:1000]}", permanent=True)
            result = message.get("result")
            return result if isinstance(result, dict) else {}
        raise self._no("What it sent is no answer of the Model Context Protocol.", permanent=True)

    def _send(self, message: dict[str, Any]) -> Answer:
        answer = fetch(
            self._ctx,
            "POST",
            self._url,
            headers=dict(self._headers),
            body=json.dumps(message).encode(),
            timeout=self._timeout,
            max_bytes=self._max_bytes,
        )
        answer = replace(answer, text=self._key.hidden(answer.text))
        answer.require_success()
        return answer

    def _no(self, why: str, *, permanent: bool) -> ProviderError:
        return ProviderError(
            f"The server of tools did not do its part. {why}",
            code="mcp_failed",
            permanent=permanent,
            hint="Check that the address is that of a server of the Model Context Protocol, and the key.",
        )


def _messages(answer: Answer) -> list[dict[str, Any]]:
    """Reads what was sent: one message, or a stream of events with one each."""
    texts = [answer.text]
    if answer.headers.get("content-type", "").startswith("text/event-stream"):
        blocks = answer.text.replace("\r\n", "\n").split("\n\n")
        texts = [
            "\n".join(line[5:].strip() for line in block.split("\n") if line.startswith("data:"))
            for block in blocks
        ]
    found = []
    for text in texts:
        try:
            message = json.loads(text)
        except ValueError:
            continue
        found += [
            one for one in (message if isinstance(message, list) else [message]) if isinstance(one, dict)
        ]
    return found
