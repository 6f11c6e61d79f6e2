"""A drawn flow is served like any function, and a person can chat with it on a page of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flowloft.core.errors import FlowError
from flowloft.modules import FlowModule, ServerModule, UrlModule, WebModule

CHAT = {
    "graph": {
        "nodes": {
            "ask": {"kind": "chat_input"},
            "words": {"kind": "prompt", "settings": {"template": "You said: {what}"}},
            "answer": {"kind": "chat_output"},
        },
        "edges": {
            "e1": {"source": "ask", "source_port": "text", "target": "words", "target_port": "what"},
            "e2": {"source": "words", "source_port": "output", "target": "answer", "target_port": "text"},
        },
    }
}

SERVER = {
    "kind": "server_module",
    "body": {
        "nodes": {"begin": {"kind": "body_input"}, "end": {"kind": "body_output"}},
        "edges": {
            "e1": {"source": "begin", "source_port": "value", "target": "end", "target_port": "value"},
        },
    },
}


def test_a_drawn_flow_is_called_with_its_inputs() -> None:
    flow = FlowModule(CHAT)
    assert flow("hi") == "You said: hi"
    assert flow(text="hi", history=[]) == "You said: hi"
    assert list(FlowModule(CHAT, stream=True)("hi")) == ["You said: hi"]
    with pytest.raises(TypeError):
        flow(tekst="hi")
    with pytest.raises(FlowError) as caught:
        FlowModule({"graph": {"nodes": {"a": {"kind": "gone"}}}})
    assert caught.value.error_code == "flow_has_errors"


def test_a_failing_flow_fails_the_call_and_not_the_server() -> None:
    with ServerModule(FlowModule(CHAT, stream=True)) as server:
        answer = httpx.post(
            server.url, json={"input": " ", "stream": True}, headers={"authorization": f"Bearer {server.key}"}
        )
        assert answer.status_code == 400
        assert answer.json()["code"] == "missing_input"
        assert server("hi") == "You said: hi"


def test_the_page_loads_nothing_from_elsewhere_and_the_key_protects_the_calls() -> None:
    with WebModule(FlowModule(CHAT, stream=True), name="Echo") as web:
        root = web.page.partition("#")[0]
        page = httpx.get(root)
        assert page.status_code == 200
        assert "default-src 'none'" in page.headers["content-security-policy"]
        for name in ("chat.js", "chat.css"):
            assert f'"{name}"' in page.text
            asset = httpx.get(root + name)
            assert asset.status_code == 200
            assert not re.search(r"https?://", asset.text)
        assert httpx.post(web.url, json={"input": "hi"}).status_code == 401
        assert httpx.get(f"{root}../../etc/passwd").status_code == 404
        described = httpx.get(f"{root}openapi.json", headers={"authorization": f"Bearer {web.key}"}).json()
        call = described["paths"]["/run"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert set(call["properties"]["named"]["properties"]) == {"text", "history", "files"}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[dict[str, Any]]:
    flow = tmp_path / "echo.json"
    graph = {**CHAT["graph"], "nodes": {**CHAT["graph"]["nodes"], "inner": SERVER}}
    flow.write_text(json.dumps({"schema": "flowloft/flow", "schema_version": 1, "graph": graph}), "utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "flowloft.cli", "serve", str(flow), "--json"],
        stdout=subprocess.PIPE,
        env={**os.environ, "FLOWLOFT_KEY": "a key for the test"},
    ) as server:
        assert server.stdout is not None
        yield json.loads(server.stdout.readline())
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0


def test_a_flow_is_served_from_a_shell(served: dict[str, Any]) -> None:
    assert served["key"] == "a key for the test"
    assert UrlModule(served["url"], key=served["key"])("hi") == "You said: hi"
    assert list(UrlModule(served["url"], key=served["key"], stream=True)("hi")) == ["You said: hi"]
    inner = served["parts"]["inner"]
    assert UrlModule(inner["calls"], key=inner["key"])("alone") == "alone"
