"""What holds for every strategy of an agent: tools are used, and what goes wrong with one is told to the
model, which goes on. The model is scripted; it speaks the protocol of the vendors over a socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flowloft.core.agent import AGENTS
from flowloft.core.context import Connection, Context, ModelEntry
from flowloft.core.memory import Memory
from flowloft.engine import Outcome, compile_flow, run_plan

from tests.runtime.engine.drawing import Told
from tests.stubs.model_server import KEY, ModelServer, model_server

STRATEGIES = [key for key in AGENTS.keys if AGENTS.get(key).title]
ADD = 'def run(a: int, b: int = 1):\n    """Adds two numbers."""\n    return a + b\n'
FAILS = "def run(a):\n    raise ValueError('the lamp is broken')\n"


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


@pytest.fixture(autouse=True)
def nothing_left(server: ModelServer) -> Iterator[None]:
    server.requests.clear()
    server.script.clear()
    yield
    assert server.script == [], "the model was asked less often than it was to be"


class Scripted:
    """The one model there is."""

    def __init__(self, url: str) -> None:
        self.url = url

    def resolve(self, ref: str) -> Connection:
        return Connection("openai_compatible", "stub", base_url=self.url, api_key=KEY, model="scripted")

    def entries(self) -> list[ModelEntry]:
        return []


def function(code: str, *names: str, **more: Any) -> dict[str, Any]:
    inputs = [{"name": name} for name in names]
    return {"kind": "function", "settings": {"code": code, "inputs": inputs}, **more}


def agent(strategy: str, tools: dict[str, Any], **settings: Any) -> dict[str, Any]:
    settings = {"strategy": strategy, "model": "stub/scripted", "thinks": False, **settings}
    nodes = {
        "ask": {"kind": "text", "settings": {"text": "How many?"}},
        "agent": {"kind": "agent", "settings": settings, "body": {"nodes": tools, "edges": {}}},
        "end": {"kind": "output", "settings": {"name": "said"}},
    }
    edges = {
        "e1": {"source": "ask", "source_port": "output", "target": "agent", "target_port": "messages"},
        "e2": {"source": "agent", "source_port": "output", "target": "end", "target_port": "value"},
    }
    frame = {"schema": "flowloft/flow", "schema_version": 1, "kind": "flow"}
    return {**frame, "graph": {"nodes": nodes, "edges": edges}}


def script(strategy: str, *calls: tuple[str, str], says: str = "So it is.", ends: bool = True) -> list[Any]:
    """Returns what the model says so that it makes the calls one after the other, then answers."""
    if strategy == "function_call":
        return [*([call] for call in calls), says]
    made = [json.dumps({"tool": name}) for name, _ in calls]
    rounds = [part for name, (_, arguments) in zip(made, calls, strict=True) for part in (name, arguments)]
    rounds += ['{"tool": "answer"}'] if ends else []
    if strategy == "react":
        return [*rounds, says]
    return ['{"steps": ["Find out."]}', *rounds, "Found.", says]


def run(
    server: ModelServer, document: dict[str, Any], said: list[Any], memory: Memory | None = None
) -> tuple[Outcome, Told]:
    server.script[:] = said
    compiled = compile_flow(document)
    assert compiled.plan is not None, compiled.findings
    told = Told()
    return run_plan(compiled.plan, {}, Context(models=Scripted(server.url), memory=memory), told), told


def heard(server: ModelServer) -> str:
    """Returns all that the model was told, as one text."""
    return "\n".join(str(part["content"]) for one in server.requests for part in one["messages"])


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_tool_is_used_as_a_step_and_its_result_reaches_the_model(
    server: ModelServer, strategy: str
) -> None:
    tools = {"add": function(ADD, "a", "b", title="Adds up!"), "other": function(FAILS, "a")}
    outcome, told = run(server, agent(strategy, tools), script(strategy, ("Adds_up", '{"a": 20, "b": 22}')))
    assert outcome.outputs == {"said": "So it is."}, outcome.error
    assert "42" in heard(server)
    done = [key for what, key, _ in told.events if what == "succeeded" and key.endswith("/add")]
    assert len(done) == 1
    assert not [key for what, key, _ in told.events if key.endswith("/other")]
    streamed = [rest[1] for what, key, rest in told.events if (what, key) == ("text", "agent")]
    assert len(streamed) > 1
    assert "".join(streamed) == "So it is."


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_what_goes_wrong_with_a_tool_is_told_to_the_model(server: ModelServer, strategy: str) -> None:
    tools = {"add": function(ADD, "a", "b"), "lamp": function(FAILS, "a")}
    calls = [("lamp", '{"a": 1}'), ("add", '{"a": "many"}'), ("add", '{"a": 1, "c": 2}')]
    outcome, told = run(server, agent(strategy, tools), script(strategy, *calls))
    assert outcome.outputs == {"said": "So it is."}, outcome.error
    said = heard(server)
    assert "the lamp is broken" in said
    assert "'many' is not of type 'integer'" in said
    assert "'c' was unexpected" in said
    assert not [key for _, key, _ in told.events if key.endswith("/add")]


@pytest.mark.parametrize(("strategy", "left_out"), [("function_call", 1), ("react", 2)])
def test_a_result_is_the_answer_itself_unless_it_is_empty(
    server: ModelServer, strategy: str, left_out: int
) -> None:
    tools = {"add": function(ADD, "a", "b"), "search": function("def run(a):\n    return []", "a")}
    says = script(strategy, ("search", '{"a": 1}'), ("add", '{"a": 20, "b": 22}'))[:-left_out]
    outcome, _ = run(server, agent(strategy, tools, direct=["add", "search"]), says)
    assert outcome.outputs == {"said": "42"}, outcome.error


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_rounds_have_an_end(server: ModelServer, strategy: str) -> None:
    tools = {"add": function(ADD, "a", "b")}
    calls = [("add", '{"a": 1}'), ("add", '{"a": 2}')]
    outcome, _ = run(server, agent(strategy, tools, rounds=2), script(strategy, *calls, ends=False))
    assert outcome.outputs == {"said": "So it is."}, outcome.error
    short = script(strategy, *calls, ends=False)
    del short[-1 if strategy != "plan_and_solve" else -2 :]
    outcome, _ = run(server, agent(strategy, tools, rounds=2, last_word=False), short)
    assert outcome.error is not None
    assert outcome.error["code"] == "no_answer"


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_person_is_asked_and_nothing_is_decided_or_done_twice(server: ModelServer, strategy: str) -> None:
    tools = {"add": function(ADD, "a", "b"), "may": {"kind": "approval"}}
    said = script(strategy, ("add", '{"a": 1}'), ("may", '{"value": "Pay 7"}'))
    before = (
        said.index([("may", '{"value": "Pay 7"}')] if strategy == "function_call" else '{"value": "Pay 7"}')
        + 1
    )
    outcome, told = run(server, agent(strategy, tools), said[:before])
    assert outcome.status == "waiting", outcome.error
    ((key, question),) = outcome.questions
    assert question["value"] == "Pay 7"
    done = {step: rest[0] for what, step, rest in told.events if what == "succeeded"}
    answers = {key: {"decision": "approved", "comment": ""}}
    outcome, told = run(server, agent(strategy, tools), said[before:], Memory(given=done, answers=answers))
    assert outcome.outputs == {"said": "So it is."}, outcome.error
    assert [rest[3] for what, step, rest in told.events if what == "succeeded" and step.endswith("/add")] == [
        True
    ]


def test_calls_of_one_round_run_side_by_side_and_each_is_a_step(server: ModelServer) -> None:
    slow = "import time\ndef run(a):\n    time.sleep(2)\n    return a\n"
    said = [[("slow", '{"a": 1}'), ("slow", '{"a": 2}'), ("none", "{}"), ("slow", "{nonsense")], "Done."]
    outcome, told = run(server, agent("function_call", {"slow": function(slow, "a")}), said)
    assert outcome.outputs == {"said": "Done."}, outcome.error
    steps = {key: rest for what, key, rest in told.events if what == "succeeded" and key.endswith("/slow")}
    assert sorted(steps) == ["agent[0]/slow", "agent[1]/slow"]
    first, second = (steps[key] for key in sorted(steps))
    assert second[1] < first[2], "the second began when the first had ended"
    results = {
        one["tool_call_id"]: one["content"]
        for one in server.requests[-1]["messages"]
        if "tool_call_id" in one
    }
    assert (results["c0"], results["c1"]) == ("1", "2")
    assert "unknown_tool" in results["c2"]
    assert "bad_arguments" in results["c3"]
    told_of = server.requests[0]["tools"][0]["function"]
    assert (told_of["name"], told_of["parameters"]["required"]) == ("slow", ["a"])


def test_what_is_no_tool_is_named_before_a_run() -> None:
    document = agent("react", {"in": {"kind": "body_input"}, "add": function(ADD, "a", "b")})
    inside = document["graph"]["nodes"]["agent"]["body"]
    inside["edges"]["w"] = {"source": "in", "source_port": "value", "target": "add", "target_port": "a"}
    found = compile_flow(document)
    assert found.plan is None
    assert {one.code for one in found.findings} >= {"tools_wired", "not_a_tool"}
    found = compile_flow(agent("react", {}))
    assert [(one.code, one.level) for one in found.findings] == [("no_tools", "warning")]
