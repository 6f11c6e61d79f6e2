"""What a user loses when the engine is wrong: results, order, time, and the reason of a failure."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from flowloft import pipeline
from flowloft.core.context import Context
from flowloft.core.current import call_context
from flowloft.core.errors import FlowError
from flowloft.engine import compile_flow, run_plan

from tests.runtime.engine.drawing import Told, flow, graph, run, value
from tests.stopwatch import Stopwatch

END = {"end": "leave"}


def test_branches_run_side_by_side() -> None:
    names = [f"w{number}" for number in range(64)]
    nodes = {"one": ("give", {"value": 1}), "all": "sum", **END} | {
        name: ("work", {"seconds": 0.1}) for name in names
    }
    edges = [f"one {name}" for name in names] + [f"{name} all.items" for name in names] + ["all end"]
    with Stopwatch() as took:
        outcome, _ = run(flow(nodes, *edges))
    assert value(outcome) == [1] * 64
    assert took.seconds < 3.2


def test_a_join_gathers_in_the_order_of_its_edges_whatever_finishes_first() -> None:
    nodes: dict[str, Any] = {"all": "sum", **END}
    edges = []
    for number in range(12):
        nodes |= {f"g{number}": ("give", {"value": number})}
        nodes |= {f"w{number}": ("work", {"seconds": (11 - number) * 0.005})}
        edges += [f"g{number} w{number}", f"w{number} all.items"]
    outcome, _ = run(flow(nodes, *edges, "all end"))
    assert value(outcome) == list(range(12))


def test_the_branch_that_ran_goes_on_and_the_other_is_skipped() -> None:
    nodes = {"one": ("give", {"value": 1}), "fork": ("fork", {"way": "no"})} | dict.fromkeys(
        ("a", "b", "far"), "same"
    )
    document = flow(nodes | END, "one fork", "fork.yes a", "a far", "fork.no b", "far end", "b end")
    assert not compile_flow(document).findings
    outcome, told = run(document)
    assert value(outcome) == 1
    assert (told.of("a"), told.of("far"), told.of("b")) == (
        ["skipped"],
        ["skipped"],
        ["started", "succeeded"],
    )


def test_a_failure_stops_the_siblings_and_every_error_is_kept() -> None:
    nodes = {
        "bad": ("work", {"seconds": 0.05, "fails": "bug"}),
        "worse": ("work", {"seconds": 0.15, "fails": "flow", "obeys": False}),
        "long": ("work", {"seconds": 30}),
        "after": "same",
    }
    with Stopwatch() as took:
        outcome, told = run(flow(nodes, "bad after"))
    assert took.seconds < 10
    assert outcome.status == "failed"
    assert [error["extra"]["node_id"] for error in outcome.errors] == ["bad", "worse"]
    assert told.of("long") == ["started", "cancelled"]
    assert told.of("after") == []


def test_an_unforeseen_error_keeps_its_type_its_cause_and_an_id() -> None:
    outcome, told = run(flow({"bad": ("work", {"fails": "bug"})}))
    assert outcome.error is not None
    assert outcome.error["code"] == "unexpected_error"
    assert outcome.error["message"] == "ValueError: a bug"
    assert outcome.error["extra"]["type"] == "ValueError"
    assert len(outcome.error["extra"]["id"]) == 12
    assert isinstance(outcome.failures[0].__cause__, ValueError)
    assert told.last("failed", "bad")[0] == outcome.error


@pytest.mark.parametrize("obeys", [True, False])
def test_cancel_returns_within_a_second_and_nothing_is_told_afterwards(obeys: bool) -> None:
    plan = compile_flow(flow({"long": ("work", {"seconds": 1.6, "obeys": obeys})})).plan
    assert plan is not None
    context, told = Context(), Told()
    threading.Timer(0.1, context.cancel.cancel).start()
    with Stopwatch() as took:
        outcome = run_plan(plan, {}, context, told)
    assert took.seconds < 1.1
    assert outcome.status == "cancelled"
    assert told.of("long") == ["started", "cancelled"]
    time.sleep(1.0)
    assert told.of("long") == ["started", "cancelled"]


@pytest.mark.parametrize("obeys", [True, False])
def test_the_time_limit_of_a_run_holds(obeys: bool) -> None:
    with Stopwatch() as took:
        outcome, told = run(flow({"long": ("work", {"seconds": 5, "obeys": obeys})}), Context(timeout=0.2))
    assert took.seconds < 3
    assert outcome.status == "timed_out"
    assert outcome.error is not None
    assert outcome.error["code"] == "timed_out"
    assert told.of("long") == ["started", "cancelled"]


@pytest.mark.parametrize("obeys", [True, False])
def test_the_time_limit_of_a_node_fails_that_node(obeys: bool) -> None:
    slow = ("work", {"seconds": 6, "obeys": obeys}, {"policy": {"timeout": 0.1}})
    with Stopwatch() as took:
        outcome, told = run(flow({"slow": slow}))
    assert took.seconds < 3
    assert outcome.status == "failed"
    assert outcome.error is not None
    assert outcome.error["code"] == "timed_out"
    assert told.of("slow") == ["started", "failed"]


def test_nothing_is_heard_of_what_a_time_limit_left_behind() -> None:
    inner = {"w": ("work", {"seconds": 0.5, "obeys": False})}
    kind, settings, more = each(2, inner, "in w", "w out")
    limited = {**more, **policy(timeout=0.1, on_error="default", default="late")}
    nodes = {"list": ("give", {"value": [1, 2]}), "loop": (kind, settings, limited), **END}
    outcome, told = run(flow(nodes, "list loop.items", "loop end"))
    assert value(outcome) == "late"
    heard = list(told.events)
    assert told.of("loop[0]/w") == ["started", "cancelled"]
    time.sleep(0.8)
    assert told.events == heard


def test_what_must_not_happen_twice_is_not_tried_twice() -> None:
    retry = {"policy": {"retry": {"attempts": 3, "delay": 0}}}
    document = flow({"pay": ("pay", {"fails": True}, retry)})
    assert [finding.code for finding in compile_flow(document).findings if finding.node_id] == [
        "retry_ignored"
    ]
    assert run(document)[1].of("pay") == ["started", "failed"]


def policy(**fields: Any) -> dict[str, Any]:
    return {"policy": fields}


def test_a_busy_service_is_tried_again_and_a_hopeless_one_is_not() -> None:
    retry = policy(retry={"attempts": 3, "delay": 0.01})
    outcome, told = run(
        flow({"busy": ("work", {"fails": "provider", "succeeds_on": 3}, retry), **END}, "busy end")
    )
    assert outcome.status == "succeeded"
    assert told.of("busy") == ["started", "retrying", "started", "retrying", "started", "text", "succeeded"]
    assert [rest[0] for what, _, rest in told.events if what == "started"][:3] == [1, 2, 3]
    for fails in ("permanent", "flow"):
        outcome, told = run(flow({"bad": ("work", {"fails": fails, "succeeds_on": 9}, retry)}))
        assert told.of("bad") == ["started", "failed"]


def test_a_caught_error_becomes_a_default_or_a_branch() -> None:
    default = policy(on_error="default", default="instead")
    outcome, told = run(flow({"bad": ("work", {"fails": "bug"}, default), **END}, "bad end"))
    assert value(outcome) == "instead"
    assert told.last("succeeded", "bad")[-1]["code"] == "unexpected_error"
    branch = policy(on_error="branch")
    nodes = {"bad": ("work", {"fails": "flow"}, branch), "good": "same", **END}
    outcome, told = run(flow(nodes, "bad good", "bad.error end"))
    assert value(outcome)["code"] == "flow_error"
    assert told.of("good") == ["skipped"]


def test_a_stream_is_heard_while_it_is_made_and_read_whole_by_others() -> None:
    nodes = {"say": ("say", {"gap": 0.1}), "hear": "hear", "whole": "same", "all": "sum", **END}
    outcome, told = run(
        flow(nodes, "say hear.text", "say whole", "hear all.items", "whole all.items", "all end")
    )
    heard, whole = value(outcome)
    assert [chunk for chunk, _ in heard] == ["a", "b", "c"]
    assert heard[-1][1] > 0.1
    assert whole == "abc"
    assert told.last("started", "hear")[1] == {"text": {"$stream": True}}
    assert [rest[1] for what, key, rest in told.events if (what, key) == ("text", "say")] == ["a", "b", "c"]


def test_a_text_that_is_whole_already_is_heard_as_one_chunk() -> None:
    outcome, _ = run(
        flow({"one": ("give", {"value": "abc"}), "hear": "hear", **END}, "one hear.text", "hear end")
    )
    assert [chunk for chunk, _ in value(outcome)] == ["abc"]


def test_a_stream_that_breaks_stops_who_hears_it_and_fails_once() -> None:
    outcome, told = run(
        flow({"say": ("say", {"breaks_after": 1, "gap": 0.05}), "hear": "hear"}, "say hear.text")
    )
    assert [error["message"] for error in outcome.errors] == ["connection lost"]
    assert told.of("hear") == ["started", "cancelled"]


def each(limit: int, inner: dict[str, Any], *edges: str) -> tuple[Any, ...]:
    return ("each", {"limit": limit}, {"body": graph({"in": "enter", **inner, "out": "leave"}, *edges)})


def test_rounds_of_a_body_are_told_under_their_number() -> None:
    nodes = {"list": ("give", {"value": [5, 6]}), "loop": each(1, {"w": "same"}, "in w", "w out"), **END}
    outcome, told = run(flow(nodes, "list loop.items", "loop end"))
    assert value(outcome) == [5, 6]
    assert told.of("loop[1]/w") == ["started", "succeeded"]


def test_rounds_run_side_by_side_up_to_their_limit_and_keep_their_order() -> None:
    nodes = {
        "list": ("give", {"value": list(range(8))}),
        "loop": each(8, {"w": ("work", {"seconds": 0.3})}, "in w", "w out"),
        **END,
    }
    with Stopwatch() as took:
        outcome, _ = run(flow(nodes, "list loop.items", "loop end"))
    assert value(outcome) == list(range(8))
    assert took.seconds < 1.5


def test_a_failing_round_stops_the_others_and_names_its_step() -> None:
    nodes = {
        "list": ("give", {"value": [1, 2, 3]}),
        "loop": each(3, {"w": ("work", {"seconds": 0.05, "fails": "flow"})}, "in w", "w out"),
    }
    outcome, told = run(flow(nodes, "list loop.items"))
    assert outcome.status == "failed"
    assert outcome.errors[0]["extra"]["node_id"] == "w"
    assert outcome.errors[0]["extra"]["step"].startswith("loop[")
    assert told.of("loop") == ["started", "failed"]


@pytest.mark.parametrize("branches", [1, 2, 5])
def test_nested_bodies_never_wait_for_threads_that_wait_for_them(branches: int) -> None:
    two = ("give", {"value": [1, 2, 3, 4]})
    wait = ("work", {"seconds": 0.001})
    innermost = each(
        4, {"x": wait, "y": wait, "both": "sum"}, "in x", "in y", "x both.items", "y both.items", "both out"
    )
    middle = each(
        4,
        {"two": two, "deep": innermost, "also": wait, "z": "sum"},
        "two deep.items",
        "in also",
        "deep z.items",
        "also z.items",
        "z out",
    )
    middle[2]["body"]["nodes"]["deep"]["body"]["nodes"] = {
        f"i{name}": node for name, node in middle[2]["body"]["nodes"]["deep"]["body"]["nodes"].items()
    }
    for edge in middle[2]["body"]["nodes"]["deep"]["body"]["edges"].values():
        edge["source"], edge["target"] = f"i{edge['source']}", f"i{edge['target']}"
    outcome, _ = run(
        flow({"list": two, "loop": middle, "end": "leave"}, "list loop.items", "loop end"), branches=branches
    )
    assert value(outcome) == [[[[one, one] for one in (1, 2, 3, 4)], item] for item in (1, 2, 3, 4)]


class Memory:
    """A journal that knows some steps."""

    def __init__(self, **known: dict[str, Any]) -> None:
        self.known = known
        self.intended: list[tuple[str, bool]] = []

    def recall(self, key: str) -> dict[str, Any] | None:
        return self.known.get(key)

    def intend(self, key: str, *, repeatable: bool) -> str:
        if key in dict(self.intended):
            raise FlowError("It was under way.", code="outcome_unknown")
        self.intended.append((key, repeatable))
        return f"key of {key}"


def test_what_an_earlier_attempt_has_done_is_not_done_again() -> None:
    memory = Memory(bad={"output": "kept"})
    document = flow(
        {"bad": ("work", {"fails": "bug"}), "pay": "pay", "all": "sum", **END},
        "bad all.items",
        "pay all.items",
        "all end",
    )
    outcome, told = run(document, Context(journal=memory))
    assert value(outcome) == ["kept", "key of pay"]
    assert told.of("bad") == [], "what was told of it still stands"
    assert memory.intended == [("pay", False)]
    outcome, _ = run(document, Context(journal=memory))
    assert outcome.errors[0]["code"] == "outcome_unknown"


def test_values_are_handed_on_and_never_copied() -> None:
    payload = [bytearray(1000)]
    seen: list[Any] = []
    plan = compile_flow(flow({"in": "enter", "a": "same", "b": "same", **END}, "in a", "a b", "b end")).plan
    assert plan is not None
    outcome = run_plan(plan, {"value": payload})
    seen.append(outcome.outputs["value"])
    assert seen[0] is payload


def test_a_sink_that_breaks_ends_the_run_with_its_own_error() -> None:
    class Broken(Told):
        def step_started(self, *told: Any) -> None:
            raise OSError("disk full")

    plan = compile_flow(flow({"a": ("work", {}), "b": ("work", {})})).plan
    assert plan is not None
    with pytest.raises(OSError, match="disk full"):
        run_plan(plan, {}, None, Broken())


def test_a_disabled_node_lets_its_first_fitting_input_through() -> None:
    off = {"disabled": True}
    nodes = {"one": ("give", {"value": 7}), "off": ("work", {"fails": "bug"}, off), **END}
    outcome, told = run(flow(nodes, "one off", "off end"))
    assert value(outcome) == 7
    assert told.of("off") == []


def test_a_container_says_how_many_of_its_rounds_are_done() -> None:
    nodes = {
        "g": ("give", {"value": [1] * 64}),
        "all": each(2, {"work": ("work", {"seconds": 0.001})}, "in work", "work out"),
    }
    _, told = run(flow(nodes, "g all.items"))
    assert told.last("progress", "all")[:2] == (64, 64)
    assert told.of("all").count("progress") < 32


def test_a_flow_called_by_a_step_stops_with_the_run_around_it() -> None:
    def wait(value: int) -> int:
        call_context().sleep(30)
        return value

    inner = pipeline(wait)
    context = Context()
    threading.Timer(0.2, context.cancel.cancel).start()
    with Stopwatch() as took:
        assert pipeline(inner.__call__).run(1, context=context).status == "cancelled"
    assert took.seconds < 2
