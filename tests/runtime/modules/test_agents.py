"""Agents in a script: five lines, and functions are tools."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Literal

import flowloft
import pytest
from flowloft.components import component_register
from flowloft.core.errors import FlowError
from flowloft.modules import FunctionCallAgent, OnlineChatModule, PlanAndSolveAgent, ReactAgent, fc_register

from tests.stubs.model_server import KEY, ModelServer, model_server


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


@pytest.fixture
def llm(server: ModelServer) -> OnlineChatModule:
    return OnlineChatModule("scripted", provider="openai_compatible", base_url=server.url, api_key=KEY)


def weather(city: Annotated[str, "Its name."], unit: Literal["C", "F"] = "C") -> dict[str, str]:
    """Tells the weather of a city."""
    if city == "Atlantis":
        raise LookupError("that is under water")
    return {"city": city, "weather": f"7 {unit}"}


def test_functions_and_flows_are_tools_by_their_own_words(server: ModelServer, llm: OnlineChatModule) -> None:
    shout = flowloft.pipeline(str.upper)
    server.script[:] = [
        [
            ("weather", '{"city": "Oslo"}'),
            ("weather", '{"city": "Atlantis"}'),
            ("Pipeline", '{"value": "oh"}'),
        ],
        "Seven.",
    ]
    agent = FunctionCallAgent(llm, tools=[weather, shout])
    assert agent("And in Oslo?", history=[("Hi", "Hello")]) == "Seven."
    first, last = server.requests
    told = first["tools"][0]["function"]
    assert told["name"] == "weather"
    assert told["description"] == "Tells the weather of a city."
    assert told["parameters"]["properties"]["city"] == {"type": "string", "description": "Its name."}
    assert told["parameters"]["required"] == ["city"]
    results = [one["content"] for one in last["messages"] if one["role"] == "tool"]
    assert json.loads(results[0]) == {"city": "Oslo", "weather": "7 C"}
    assert "under water" in results[1]
    assert results[2] == "OH"


@pytest.mark.parametrize("kind", [ReactAgent, PlanAndSolveAgent])
def test_the_others_use_them_too_by_name_and_stream(
    server: ModelServer, llm: OnlineChatModule, kind: type[ReactAgent]
) -> None:
    @fc_register("tool", name="test_double")
    def double(n: int) -> int:
        """Doubles."""
        return 2 * n

    try:
        plan = ['{"steps": ["Double it."]}'] if kind is PlanAndSolveAgent else []
        after = ["It is 42."] if plan else []
        server.script[:] = [
            *plan,
            '{"tool": "test_double"}',
            '{"n": 21}',
            '{"tool": "answer"}',
            *after,
            "42, so.",
        ]
        pieces = list(kind(llm, tools=["test_double"], thinks=False, stream=True)("Twice 21?"))
        assert len(pieces) > 1
        assert "".join(pieces) == "42, so."
        assert "42" in str(server.requests[-1]["messages"])
    finally:
        component_register.remove(component_register.find("tool", "test_double"))


def test_what_is_no_tool_is_refused_at_once(llm: OnlineChatModule) -> None:
    with pytest.raises(FlowError, match="no tool"):
        ReactAgent(llm, tools=[3])
    fc_register("tool")
    with pytest.raises(FlowError, match="no component"):
        ReactAgent(llm, tools=["nobody"])
    with pytest.raises(FlowError, match="no name"):
        ReactAgent(llm, tools=[lambda *items: items])
