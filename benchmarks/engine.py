"""What the engine adds to the work itself: chains, branches, loops, switches, with events on."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from flowloft.core.cache import MemoryCache
from flowloft.core.context import Context
from flowloft.core.node import Node
from flowloft.core.plan import Plan
from flowloft.core.registry import KINDS
from flowloft.engine import compile_flow, run_plan
from flowloft.flow import Flow, loop, parallel, pipeline, switch, warp

from benchmarks._timing import Row, best

RUNTIME = Path(__file__).parents[1] / "runtime"
SLEEP = 0.05


class Kept:
    """A sink that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def _keep(self, *told: Any) -> None:
        self.told.append(told)

    step_started = step_succeeded = step_failed = step_skipped = step_cancelled = _keep
    step_retrying = step_waiting = step_text = step_progress = log = _keep


class Same(Node):
    """Gives what it gets."""

    def run(self, value: Any) -> Any:
        return value


def _same(value: Any) -> Any:
    return value


def _one_more(value: int) -> int:
    return value + 1


def _sleep(value: Any) -> Any:
    time.sleep(SLEEP)
    return value


def rows() -> Iterator[Row]:
    """Yields the figures. Every run has events and timings on, and a sink that keeps them."""
    for count in (10, 100, 1_000):
        chain = pipeline(*[_same] * count)
        yield Row(
            f"chain of {count} identity functions, each",
            _each(chain, 1, count),
            "µs",
            2 if count == 1_000 else None,
            best(lambda count=count: _plain_chain(count)) / count * 1e6,  # type: ignore[misc]
        )
    plan = _compiled(_chain_document(1_000))
    yield Row(
        "chain of 1000 drawn nodes, each",
        best(lambda: run_plan(plan, {}, None, Kept()), 40) / 1_000 * 1e6,
        "µs",
        2,
    )
    rerun, plain = _rerun(50)
    yield Row("rerun after changing the last of 50 nodes of 1 ms", rerun * 1e3, "ms", 5.2, plain * 1e3)
    fan = parallel(*[_sleep] * 64)
    yield Row(
        "64 branches that sleep 50 ms",
        best(lambda: fan.run(1, sink=Kept()), 5) * 1e3,
        "ms",
        60,
        best(_plain_fan, 3) * 1e3,
    )
    rounds = loop(_one_more, count=10_000)
    yield Row("loop of 10000 rounds", best(lambda: rounds(0), 20) * 1e3, "ms", 20, best(_plain_loop) * 1e3)
    yield Row("loop of 10000 rounds, events kept", best(lambda: rounds.run(0, sink=Kept())) * 1e3, "ms")
    drawn = _compiled(_loop_document(10_000))
    yield Row(
        "drawn loop of 10000 rounds of 3 nodes",
        best(lambda: run_plan(drawn, {}, None, Kept()), 3) * 1e3,
        "ms",
    )
    cases = switch(*[one for number in range(100) for one in (number, _same)])
    yield Row("switch with 100 cases", best(lambda: cases(99), 200) * 1e6, "µs", 169)
    inputs = list(range(100))
    mapped = warp(pipeline(*[_same] * 5))
    yield Row(
        "map of 100 inputs through 5 functions, each input",
        best(lambda: mapped(inputs), 40) / 100 * 1e6,
        "µs",
    )
    document = _chain_document(1_000)
    yield Row("compile 1000 nodes", best(lambda: compile_flow(document)) * 1e3, "ms", 100)
    yield Row("import flowloft", _fresh("import flowloft"), "ms", 100, _fresh("pass"))
    yield Row(
        "fresh process: import, build, run 5 functions",
        _fresh("import flowloft; flowloft.pipeline(*[lambda x: x] * 5)(1)"),
        "ms",
    )


class Slow(Node):
    """Works for a millisecond."""

    mark: int = 0

    def run(self, value: Any) -> Any:
        time.sleep(0.001)
        return value


def _rerun(count: int) -> tuple[float, float]:
    """Returns seconds with a cache, the last node being new each time, and without one."""
    if "bench_slow" not in KINDS:
        KINDS.register("bench_slow", Slow)
    document = _chain_document(count)
    for number in range(1, count):
        document["graph"]["nodes"][f"n{number}"]["kind"] = "bench_slow"
    cache, marks = MemoryCache(), iter(range(1, 1_000))

    def changed() -> None:
        document["graph"]["nodes"][f"n{count - 1}"]["settings"] = {"mark": next(marks)}
        run_plan(_compiled(document), {}, Context(cache=cache), Kept())

    return best(changed, 20), best(lambda: run_plan(_compiled(document), {}, None, Kept()), 3)


def _each(flow: Flow, value: Any, count: int) -> float:
    return best(lambda: flow.run(value, sink=Kept()), 40) / count * 1e6


def _plain_chain(count: int) -> Any:
    value = 1
    for function in [_same] * count:
        value = function(value)
    return value


def _plain_fan() -> None:
    with ThreadPoolExecutor(64) as pool:
        list(pool.map(_sleep, range(64)))


def _plain_loop() -> int:
    value = 0
    for _ in range(10_000):
        value = _one_more(value)
    return value


def _compiled(document: dict[str, Any]) -> Plan:
    compiled = compile_flow(document)
    if compiled.plan is None:
        raise ValueError(compiled.findings)
    return compiled.plan


def _document(nodes: dict[str, Any], *wires: tuple[str, str, str, str]) -> dict[str, Any]:
    return {"schema": "flowloft/flow", "schema_version": 1, "kind": "flow", "graph": _graph(nodes, *wires)}


def _graph(nodes: dict[str, Any], *wires: tuple[str, str, str, str]) -> dict[str, Any]:
    names = ("source", "source_port", "target", "target_port")
    edges = {f"e{number}": dict(zip(names, wire, strict=True)) for number, wire in enumerate(wires)}
    return {"nodes": nodes, "edges": edges}


def _chain_document(count: int) -> dict[str, Any]:
    if "bench_same" not in KINDS:
        KINDS.register("bench_same", Same)
    nodes = {f"n{number}": {"kind": "bench_same"} for number in range(count)}
    wires = [(f"n{number - 1}", "output", f"n{number}", "value") for number in range(1, count)]
    first = {"n0": {"kind": "text", "settings": {"text": "x"}}}
    return _document(nodes | first, *wires)


def _loop_document(times: int) -> dict[str, Any]:
    body = _graph(
        {
            "begin": {"kind": "body_input"},
            "step": {"kind": "bench_same"},
            "finish": {"kind": "body_output"},
        },
        ("begin", "value", "step", "value"),
        ("step", "output", "finish", "value"),
    )
    return _document(
        {
            "start": {"kind": "text", "settings": {"text": "x"}},
            "again": {"kind": "loop", "settings": {"times": times}, "body": body},
            "end": {"kind": "output"},
        },
        ("start", "output", "again", "initial"),
        ("again", "output", "end", "value"),
    )


def _fresh(code: str) -> float:
    """Returns how long a new Python takes for some code, in milliseconds."""
    run: Callable[[], object] = lambda: subprocess.run(  # noqa: E731
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(RUNTIME)!r}); {code}"], check=True
    )
    return best(run, 5) * 1e3
