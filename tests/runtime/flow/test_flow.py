"""What a script loses when Python flows are wrong. The recorded cases are in tests/conformance."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from typing import Any

import flowloft
import pytest
from flowloft.core.context import Context
from flowloft.core.errors import FlowError
from flowloft.flow import (
    _0,
    bind,
    diverter,
    graph,
    ifs,
    loop,
    package,
    parallel,
    pipeline,
    switch,
    warp,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runtime.engine.drawing import Told


def inc(x: int) -> int:
    return x + 1


def boom(x: Any) -> Any:
    raise ValueError(f"boom {x}")


def test_a_failing_branch_stops_its_siblings_and_no_error_is_lost() -> None:
    begun = threading.Event()

    def slow_boom(x: int) -> None:
        begun.set()
        time.sleep(0.2)
        raise KeyError("late")

    def after_start(x: int) -> None:
        begun.wait(30)
        boom(x)

    never = []
    started = time.monotonic()
    with pytest.raises(ValueError, match="boom 1") as caught:
        parallel(bad=after_start, late=slow_boom, long=pipeline(lambda x: time.sleep(0.3), never.append))(1)
    assert time.monotonic() - started < 20
    assert any("bad" in note for note in caught.value.__notes__)
    assert any("late" in note for note in caught.value.__notes__)
    assert never == []


def test_a_flow_can_be_timed_out_cancelled_and_listened_to() -> None:
    told = Told()
    outcome = pipeline(first=inc, second=inc).run(1, sink=told)
    assert outcome.outputs == {"value": 3}
    assert told.of("first") == ["started", "succeeded"]
    started = time.monotonic()
    assert pipeline(lambda x: time.sleep(30)).run(1, context=Context(timeout=0.1)).status == "timed_out"
    context = Context()
    threading.Timer(0.1, context.cancel.cancel).start()
    assert loop(inc, stop_condition=lambda x: False).run(1, context=context).status == "cancelled"
    assert time.monotonic() - started < 20


def test_branches_get_as_many_threads_as_there_are_branches() -> None:
    gate = threading.Barrier(40)
    assert parallel(*[lambda x: gate.wait(60) is not None] * 40).aslist(1) == [True] * 40
    running: list[int] = []
    most = []

    def count(x: int) -> int:
        running.append(1)
        most.append(len(running))
        time.sleep(0.01)
        running.pop()
        return x

    warp(count, _concurrent=2)(list(range(8)))
    assert max(most) <= 2
    most.clear()
    parallel.sequential(*[count] * 4)(1)
    assert max(most) == 1


def test_generators_stream_through_and_several_readers_see_all() -> None:
    pulled = []

    def numbers(x: int) -> Iterator[int]:
        for number in range(x):
            pulled.append(number)
            yield number

    result = pipeline(numbers, lambda items: (2 * item for item in items))(1000)
    assert list(itertools.islice(result, 3)) == [0, 2, 4]
    assert len(pulled) == 3
    assert pipeline(numbers, parallel(sum, list).astuple)(4) == (6, [0, 1, 2, 3])


def test_a_flow_is_written_as_a_with_block_and_refers_to_its_parts() -> None:
    with pipeline() as p:
        p.first = inc
        with parallel().asdict as p.both:
            p.both.a = inc
            p.both.b = lambda x: x * 10
        p.sum = bind(lambda found, first, start: (found, first, start), p.output("both"), p.first, p.input)
    assert p(1) == ({"a": 3, "b": 20}, 2, 1)
    with pytest.raises(FlowError, match="can't be changed"):
        p.first = boom
    with switch() as s:
        s.case[1, inc]
        s.case[lambda x: x > 5 :: lambda x: -x]
        s.case("default", lambda x: 0)
    assert [s(1), s(9), s(3)] == [2, -9, 0]


def test_bodies_reach_values_around_them() -> None:
    with flowloft.save_pipeline_result(), pipeline() as p:
        p.count = len
        p.again = bind(lambda count, items: items, items=p.input)
        with warp().aslist as p.each:
            p.each.step = bind(
                lambda item, count, whole: (item, count, whole), _0, p.output("count"), p.input
            )
    assert p([5, 6]) == [(5, 2, [5, 6]), (6, 2, [5, 6])]


def test_mistakes_are_told_when_the_flow_is_written() -> None:
    for wrong, code in (
        (lambda: switch("default", inc, 1, inc), "default_not_last"),
        (lambda: switch(1), "invalid_switch"),
        (lambda: loop(inc), "loop_without_end"),
        (lambda: pipeline(3), "not_callable"),
        (lambda: pipeline(inc, second=inc), "mixed_names"),
        (lambda: parallel(inc).sum.aslist, "post_set_twice"),
        (lambda: graph().add_edge("__start__", "gone"), "unknown_node"),
        (lambda: warp(inc)({"a": 1}), "not_a_list"),
        (lambda: diverter(inc, inc)(1, 2, 3), "values_mismatch"),
    ):
        with pytest.raises(FlowError) as caught:
            wrong()
        assert caught.value.error_code == code
        assert caught.value.hint in caught.value.__notes__, "a traceback says what to do"


def test_a_flow_is_shown_as_it_was_written() -> None:
    assert repr(pipeline(str.strip, parallel(a=inc, b=len))) == "pipeline(strip, parallel(a=inc, b=len))"


def test_two_graphs_with_the_same_names_never_run_each_others_steps() -> None:
    def made(function: Any) -> Any:
        with graph() as g:
            g.a = function
        g.add_edge("__start__", "a")
        g.add_edge("a", "__end__")
        return g

    one, other = made(inc), made(lambda x: x * 100)
    assert (one(1), other(1), one(1)) == (2, 100, 2)


def test_values_pass_untouched() -> None:
    payload = bytearray(10)
    assert pipeline(lambda x: x, parallel(a=lambda x: x).asdict)(payload)["a"] is payload
    assert pipeline(lambda x: package(x, x), lambda a, b: a is b)(payload)


Tree = Any
LEAVES = {"inc": inc, "double": lambda x: x * 2, "neg": lambda x: -x}


def trees() -> st.SearchStrategy[Tree]:
    """Random flows over whole numbers: every flow takes one and gives one."""
    return st.recursive(
        st.sampled_from(sorted(LEAVES)),
        lambda inner: st.one_of(
            st.tuples(st.just("pipeline"), st.lists(inner, max_size=4)),
            st.tuples(st.just("parallel"), st.lists(inner, min_size=1, max_size=4)),
            st.tuples(st.just("warp"), st.lists(inner, min_size=1, max_size=2)),
            st.tuples(st.just("diverter"), st.lists(inner, min_size=1, max_size=3)),
            st.tuples(st.just("switch"), st.lists(inner, min_size=1, max_size=3)),
            st.tuples(st.just("ifs"), st.lists(inner, min_size=2, max_size=2)),
            st.tuples(st.just("loop"), st.lists(inner, min_size=1, max_size=2)),
        ),
        max_leaves=14,
    )


def plain(tree: Tree, x: int) -> int:
    """Computes what a tree gives, in plain Python."""
    if isinstance(tree, str):
        return int(LEAVES[tree](x))
    kind, inner = tree
    if kind == "parallel":
        return sum(plain(one, x) for one in inner)
    if kind == "diverter":
        return sum(plain(one, x + index) for index, one in enumerate(inner))
    if kind == "switch":
        return plain(inner[abs(x) % len(inner)], x)
    if kind == "ifs":
        return plain(inner[0] if x > 3 else inner[1], x)
    series = (lambda value: plain(("pipeline", inner), value)) if kind != "pipeline" else None
    if kind == "warp" and series:
        return sum(series(x + index) for index in range(3))
    if kind == "loop" and series:
        return series(series(x))
    for one in inner:
        x = plain(one, x)
    return x


def made(tree: Tree, naps: Iterator[float]) -> Any:
    """Builds the flow of a tree; its leaves sleep a little, each for another time."""
    if isinstance(tree, str):
        nap = next(naps)
        return lambda x: (time.sleep(nap), LEAVES[tree](x))[1]
    kind, inner = tree
    flows = [made(one, naps) for one in inner]
    if kind == "pipeline":
        return pipeline(flows)
    if kind == "parallel":
        return parallel(*flows).sum
    if kind == "diverter":
        return pipeline(lambda x: [x + index for index in range(len(flows))], diverter(*flows).sum)
    if kind == "switch":
        cases = [one for index, flow in enumerate(flows) for one in (index, flow)]
        return switch(*cases, conversion=lambda x: abs(x) % len(flows))
    if kind == "ifs":
        return ifs(lambda x: x > 3, *flows)
    if kind == "warp":
        return pipeline(lambda x: [x + index for index in range(3)], warp(*flows).sum)
    return loop(*flows, count=2)


@settings(max_examples=120)
@given(trees(), st.integers(-5, 9), st.lists(st.sampled_from([0, 0, 0.0005, 0.002]), min_size=1, max_size=9))
def test_a_random_flow_gives_what_plain_python_gives(tree: Tree, x: int, naps: list[float]) -> None:
    flow = made(tree, itertools.cycle(naps))
    assert flow(x) == plain(tree, x)
    assert flow(x + 1) == plain(tree, x + 1)
