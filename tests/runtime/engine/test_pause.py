"""Waiting for people. If these fail, a run that waits is lost, or does things twice."""

from __future__ import annotations

import pytest
from flowloft import pipeline
from flowloft.core.context import Context
from flowloft.core.errors import Paused
from flowloft.core.memory import Memory, pause_key
from flowloft.engine import compile_flow, run_plan

from tests.runtime.engine.conftest import Count
from tests.runtime.engine.drawing import flow, graph, run, value


def test_a_run_waits_after_doing_all_it_can_and_goes_on_with_the_answer() -> None:
    nodes = {"g": ("give", {"value": 1}), "ask": "ask", "after": "count", "end": "leave"}
    document = flow(
        {**nodes, "slow": ("work", {"seconds": 0.1}), "then": "count"},
        "g ask",
        "ask after",
        "after end",
        "g slow",
        "slow then",
    )
    outcome, told = run(document)
    assert outcome.status == "waiting"
    assert outcome.questions == (("ask", {"kind": "question", "about": 1, "step": "ask"}),)
    assert told.of("ask") == ["started", "waiting"]
    assert told.of("then") == ["started", "succeeded"]
    assert told.of("after") == []
    with pytest.raises(Paused):
        outcome.value()
    done = {key: rest[0] for what, key, rest in told.events if what == "succeeded"}
    Count.ran.clear()
    outcome, _ = run(document, Context(memory=Memory(given=done, answers={"ask": "yes"})))
    assert value(outcome) == [[1, "yes"], ""]
    assert Count.ran == [""]


@pytest.mark.parametrize("limit", [1, 3])
def test_rounds_of_a_body_wait_with_their_container(limit: int) -> None:
    body = graph({"in": "enter", "ask": "ask", "out": "leave"}, "in ask", "ask out")
    document = flow(
        {"g": ("give", {"value": [1, 2]}), "all": ("each", {"limit": limit}, {"body": body}), "end": "leave"},
        "g all.items",
        "all end",
    )
    outcome, told = run(document)
    asked = ["all[0]/ask", "all[1]/ask"][: 1 if limit == 1 else 2]
    assert sorted(key for key, _ in outcome.questions) == asked
    assert told.last("waiting", "all")[0] is None
    answers = {"all[0]/ask": "a", "all[1]/ask": "b"}
    assert value(run(document, Context(memory=Memory(answers=answers)))[0]) == [[1, "a"], [2, "b"]]


def test_a_breakpoint_shows_the_inputs_and_may_change_them() -> None:
    document = flow({"g": ("give", {"value": 1}), "n": "count", "end": "leave"}, "g n", "n end")
    stops = frozenset({"n"})
    outcome, told = run(document, Context(memory=Memory(stops=stops)))
    assert outcome.questions == (
        (pause_key("n"), {"kind": "breakpoint", "inputs": {"value": 1}, "step": "n!"}),
    )
    assert told.last("started", "n")[1] == {"value": 1}
    assert Count.ran == []
    for answer, expected in (({}, 1), ({"inputs": {"value": 5}}, 5)):
        memory = Memory(stops=stops, answers={"n!": answer})
        assert value(run(document, Context(memory=memory))[0]) == [expected, ""]


def test_a_failure_beside_it_ends_the_run_and_a_policy_does_not_catch_a_question() -> None:
    outcome, _ = run(flow({"bad": ("work", {"seconds": 0.05, "fails": "flow"}), "ask": "ask"}))
    assert outcome.status == "failed"
    policy = {
        "policy": {"on_error": "default", "default": 0, "retry": {"attempts": 3, "delay": 0}, "timeout": 5}
    }
    assert run(flow({"ask": ("ask", {}, policy)}))[0].status == "waiting"


def test_a_script_may_answer_itself() -> None:
    plan = compile_flow(flow({"ask": "ask", "end": "leave"}, "ask end")).plan
    assert plan is not None
    outcome = run_plan(plan, {}, Context(answer=lambda question: question["kind"]))
    assert outcome.outputs == {"value": [None, "question"]}
    assert pipeline(lambda x: x).run(1).status == "succeeded"
