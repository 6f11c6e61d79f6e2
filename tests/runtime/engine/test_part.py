"""Parts of flows. If these fail, a click on one node runs others, or shows an old result for a new one."""

from __future__ import annotations

from typing import Any

import pytest
from flowloft.core.cache import MemoryCache
from flowloft.core.context import Context
from flowloft.core.errors import InputError
from flowloft.core.memory import Memory
from flowloft.engine import compile_flow, run_plan
from flowloft.engine.run.part import kept
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runtime.engine.conftest import Count
from tests.runtime.engine.drawing import Told, flow, graph, run
from tests.runtime.engine.test_reuse import chain


def counted(document: dict[str, Any], inputs: dict[str, Any] | None = None, **options: Any) -> Any:
    Count.ran.clear()
    plan = compile_flow(document).plan
    assert plan is not None
    outcome = run_plan(plan, inputs, options.pop("context", None), **options)
    return list(Count.ran), outcome


def test_one_node_runs_with_the_inputs_it_is_given() -> None:
    marks, outcome = counted(chain(5), {"value": "mine"}, only="n2", context=Context(cache=MemoryCache()))
    assert (marks, outcome.outputs) == (["2"], {"output": ["mine", "2"]})
    earlier = Context(memory=Memory(given={"n2": {"output": "what it gave before"}}))
    marks, outcome = counted(chain(5), {"value": "mine"}, only="n2", context=earlier)
    assert (marks, outcome.outputs) == (["2"], {"output": ["mine", "2"]})


def test_one_node_of_a_body_runs_alone() -> None:
    body = graph({"in": "enter", "inner": "count", "out": "leave"}, "in inner", "inner out")
    document = flow({"g": ("give", {"value": [1]}), "all": ("each", {}, {"body": body})}, "g all.items")
    assert counted(document, {"value": 5}, only="inner")[1].outputs == {"output": [5, ""]}


def test_run_to_here_runs_what_it_needs_and_nothing_else() -> None:
    nodes = {"g": ("give", {"value": 1}), "end": "leave"}
    nodes |= {name: ("count", {"mark": name}) for name in ("a", "b", "c", "d")}
    document = flow(nodes, "g a", "g b", "a c", "c end", "c d")
    marks, outcome = counted(document, until="c")
    assert (marks, outcome.outputs) == (["a", "c"], {"output": [[1, "a"], "c"]})


def test_run_from_here_takes_the_rest_from_an_earlier_run_and_runs_the_node_itself() -> None:
    document, cache = chain(5), MemoryCache()
    _, told = run(document, Context(cache=cache))
    done = {key: rest[0] for what, key, rest in told.events if what == "succeeded"}
    done["n1"] = {"output": "from before"}
    marks, outcome = counted(document, start="n2", context=Context(memory=Memory(given=done), cache=cache))
    assert marks == ["2", "3", "4"]
    assert outcome.outputs["value"] == [[["from before", "2"], "3"], "4"]


def test_in_a_loop_later_rounds_are_done_again_and_earlier_ones_are_not() -> None:
    body = graph({"in": "enter", "x": "count", "y": "count", "out": "leave"}, "in x", "x y", "y out")
    document = flow(
        {"g": ("give", {"value": [1, 2, 3]}), "all": ("each", {"limit": 1}, {"body": body}), "end": "leave"},
        "g all.items",
        "all end",
    )
    plan = compile_flow(document).plan
    told = Told()
    assert plan is not None
    run_plan(plan, {}, None, told)
    done = [key for what, key, _ in told.events if what == "succeeded"]
    assert kept(plan, done, "all[1]/y") == {
        "g", "all[0]/in", "all[0]/x", "all[0]/y", "all[0]/out", "all[1]/in", "all[1]/x",
    }  # fmt: skip


@pytest.mark.parametrize("part", ["only", "until", "start"])
def test_a_node_that_is_not_there_is_named(part: str) -> None:
    with pytest.raises(InputError, match="nowhere"):
        counted(chain(2), **{part: "nowhere"})


@settings(max_examples=60)
@given(st.data())
def test_from_any_step_of_any_flow_the_result_is_that_of_a_whole_run(data: st.DataObject) -> None:
    """Also the parts of it: whatever `until` leaves out is not needed for the step it ends with."""
    size = data.draw(st.integers(2, 7))
    nodes: dict[str, Any] = {"n0": ("give", {"value": 0})}
    edges = []
    for number in range(1, size):
        nodes[f"n{number}"] = ("sum",)
        sources = data.draw(st.sets(st.integers(0, number - 1), min_size=1))
        edges += [f"n{source} n{number}.items" for source in sorted(sources)]
    document = flow({**nodes, "end": "leave"}, *edges, f"n{size - 1} end")
    plan = compile_flow(document).plan
    assert plan is not None
    told = Told()
    whole = run_plan(plan, {}, None, told)
    done = {key: rest[0] for what, key, rest in told.events if what == "succeeded"}
    at = f"n{data.draw(st.integers(0, size - 1))}"
    again = Told()
    outcome = run_plan(plan, {}, Context(memory=Memory(given=done)), again, start=at)
    assert outcome.outputs == whole.outputs
    fresh = {key for what, key, rest in again.events if what == "succeeded" and not rest[3]}
    assert at in fresh
    assert fresh == set(done) - kept(plan, done, at)
    assert run_plan(plan, {}, until=at).outputs == done[at]
