"""Clients that cost little themselves, because they share the machine with what they measure."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import connect


class Caller:
    """One kept-alive HTTP/1.1 connection."""

    def __init__(self, port: int, token: str) -> None:
        self.port = port
        self.token = token
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def post(self, path: str, body: Any, **headers: str) -> Any:
        """Posts JSON and returns the answer's."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        payload = json.dumps(body).encode()
        head = {
            "Host": f"127.0.0.1:{self.port}",
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Content-Length": str(len(payload)),
            **headers,
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        self._writer.write(f"POST /api/v1{path} HTTP/1.1\r\n{lines}\r\n".encode() + payload)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = next(
            int(line.split(":")[1])
            for line in answer.splitlines()
            if line.lower().startswith("content-length:")
        )
        found = json.loads(await self._reader.readexactly(length))
        if " 201 " not in answer.splitlines()[0]:
            raise RuntimeError(f"{answer.splitlines()[0]} {found}")
        return found

    def close(self) -> None:
        """Closes the connection."""
        if self._writer is not None:
            self._writer.close()


async def frames(port: int, token: str, run_id: str) -> AsyncIterator[tuple[float, list[dict[str, Any]]]]:
    """Follows a run; yields the unix time of each frame and its events."""
    url = f"ws://127.0.0.1:{port}/ws/runs/{run_id}"
    async with connect(url, additional_headers={"Authorization": f"Bearer {token}"}) as socket:
        async for text in socket:
            yield time.time(), json.loads(text)


@asynccontextmanager
async def talkative_model(words: int, pause: float) -> AsyncIterator[str]:
    """A server that answers as an OpenAI-compatible model does; yields its base URL.

    Args:
        words: Chunks of an answer.
        pause: Seconds between two.
    """

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        if "content-length:" in head:
            await reader.readexactly(int(head.split("content-length:")[1].split("\r\n")[0]))
        if head.startswith("get"):
            body = json.dumps({"object": "list", "data": [{"id": "talk", "object": "model"}]}).encode()
            length = f"content-length: {len(body)}\r\n".encode()
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" + length + b"\r\n" + body)
        else:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
            for index in range(words):
                delta = {"choices": [{"index": 0, "delta": {"content": f"word{index} "}}]}
                writer.write(b"data: " + json.dumps(delta).encode() + b"\n\n")
                await writer.drain()
                await asyncio.sleep(pause)
            end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
            writer.write(b"data: " + json.dumps(end).encode() + b"\n\ndata: [DONE]\n\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
