"""Tools of a real server of the Model Context Protocol, alone and in the hands of an agent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flowloft.core.context import Connection, Context, ModelEntry
from flowloft.engine import Outcome, compile_flow, run_plan

from tests.conformance.test_agents import agent
from tests.runtime.engine.drawing import Told
from tests.stubs.mcp_server import TOKEN, McpStub, mcp_server
from tests.stubs.model_server import KEY, model_server
from tests.stubs.web_server import web_server


@pytest.fixture(scope="module", params=[False, True], ids=["json", "streams"])
def tools(request: pytest.FixtureRequest) -> Iterator[McpStub]:
    with mcp_server(streams=request.param) as server:
        yield server


@pytest.fixture(autouse=True)
def open_loopback(monkeypatch: pytest.MonkeyPatch, tools: McpStub) -> None:
    monkeypatch.setenv("FLOWLOFT_ALLOW_PRIVATE_HOSTS", "127.0.0.1")
    tools.calls.clear()


class Both:
    """The scripted model, and the key of the tools."""

    def __init__(self, model: str = "", tools: str = "") -> None:
        self.model, self.tools = model, tools

    def resolve(self, ref: str) -> Connection:
        url, key = (self.model, KEY) if ref.startswith("stub") else (self.tools, TOKEN)
        return Connection("openai_compatible", ref, base_url=url, api_key=key, model="scripted")

    def entries(self) -> list[ModelEntry]:
        return []


def node(url: str, **settings: Any) -> dict[str, Any]:
    return {"kind": "mcp_tools", "settings": {"url": url, "key": "tools/x", **settings}}


def alone(one: dict[str, Any], given: Any, models: Both) -> Outcome:
    nodes = {
        "in": {"kind": "input", "settings": {"name": "given", "type": "any"}},
        "tool": one,
        "out": {"kind": "output", "settings": {"name": "said"}},
    }
    edges = {
        "e1": {"source": "in", "source_port": "output", "target": "tool", "target_port": "arguments"},
        "e2": {"source": "tool", "source_port": "output", "target": "out", "target_port": "value"},
    }
    frame = {"schema": "flowloft/flow", "schema_version": 1, "kind": "flow"}
    compiled = compile_flow({**frame, "graph": {"nodes": nodes, "edges": edges}})
    assert compiled.plan is not None, compiled.findings
    return run_plan(compiled.plan, {"given": given}, Context(models=models), Told())


def code(outcome: Outcome) -> str:
    assert outcome.error is not None
    return str(outcome.error["code"])


def test_an_agent_is_told_of_the_tools_and_calls_them(tools: McpStub) -> None:
    with model_server() as server:
        server.script[:] = [
            [("add", '{"a": 40, "b": 2}'), ("break", "{}"), ("add", '{"a": "x"}')],
            "It is 42.",
        ]
        document = agent("function_call", {"calc": node(tools.url)})
        compiled = compile_flow(document)
        assert compiled.plan is not None, compiled.findings
        outcome = run_plan(compiled.plan, {}, Context(models=Both(server.url, tools.url)), Told())
        assert outcome.outputs == {"said": "It is 42."}, outcome.error
        assert [one["function"]["name"] for one in server.requests[0]["tools"]] == ["add", "break"]
        results = [one["content"] for one in server.requests[1]["messages"] if one["role"] == "tool"]
    assert results[0] == '{"sum": 42}'
    assert "the lamp is broken" in results[1]
    assert "bad_arguments" in results[2]
    assert sorted(name for name, _ in tools.calls) == ["add", "break"]


def test_one_tool_is_a_node_by_itself(tools: McpStub) -> None:
    models = Both(tools=tools.url)
    assert alone(node(tools.url, tools=["add"]), {"a": 1, "b": 2}, models).outputs == {"said": {"sum": 3}}
    assert code(alone(node(tools.url, tools=["break"]), {}, models)) == "tool_failed"
    assert code(alone(node(tools.url), {}, models)) == "no_tool"


def test_keys_and_addresses_are_guarded(tools: McpStub, monkeypatch: pytest.MonkeyPatch) -> None:
    one = node(tools.url, tools=["add"])
    assert code(alone(one, {}, Both(tools="https://elsewhere.example"))) == "key_of_another_host"
    assert code(alone({**one, "settings": {**one["settings"], "key": ""}}, {}, Both())) == "http_status"
    with web_server() as web:
        wrong = node(f"{web.url}/echo", tools=["add"])
        assert code(alone(wrong, {}, Both(tools=web.url))) == "mcp_failed"
    monkeypatch.delenv("FLOWLOFT_ALLOW_PRIVATE_HOSTS")
    unseen = tools.url.replace("127.0.0.1", "localhost")  # no connection to it is open yet
    assert code(alone(node(unseen, tools=["add"]), {}, Both(tools=unseen))) == "address_refused"
    assert tools.calls == []
