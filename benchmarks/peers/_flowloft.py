"""The workloads in Flowloft, with events and timings on and a sink that keeps them."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Iterator
from typing import Any

import flowloft
from _measure import (
    PAYLOAD,
    TOKENS,
    answer,
    best,
    first_and_last,
    one_more,
    over_plain,
    peak_ratio,
    same,
    sleep,
    work,
)
from flowloft.core.cache import MemoryCache
from flowloft.core.context import Context
from flowloft.core.node import Node
from flowloft.core.registry import KINDS
from flowloft.core.types import Stream


class Kept:
    """A sink that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def _keep(self, *told: Any) -> None:
        self.told.append(told)

    step_started = step_succeeded = step_failed = step_skipped = step_cancelled = _keep
    step_retrying = step_waiting = step_text = step_progress = log = _keep


class Told(Kept):
    """Hands on each piece of text when it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def step_text(self, *told: Any) -> None:
        self.pieces.put(told[-1])


class Work(Node):
    """Computes for a millisecond."""

    mark: int = 0

    def run(self, value: Any) -> Any:
        return work(value)


class Say(Node):
    """Says many tokens."""

    def run(self, value: Any) -> Stream[str]:  # type: ignore[misc]
        for _ in range(TOKENS):
            yield "token "


def chain(count: int) -> float:
    flow = flowloft.pipeline(*[same] * count)
    return best(lambda: flow.run(1, sink=Kept()), 30) / count * 1e6


def fan() -> float:
    flow = flowloft.parallel(*[sleep] * 64)
    return best(lambda: flow.run(1, sink=Kept()), 5) * 1e3


def rounds() -> float:
    flow = flowloft.loop(one_more, count=10_000)
    return best(lambda: flow.run(0, sink=Kept())) * 1e3


def switched() -> float:
    flow = flowloft.switch(*[one for number in range(100) for one in (number, same)])
    return best(lambda: flow.run(99, sink=Kept()), 50) * 1e6


def mapped() -> float:
    flow = flowloft.warp(flowloft.pipeline(*[same] * 5))
    inputs = list(range(100))
    return best(lambda: flow.run(inputs, sink=Kept()), 30) / 100 * 1e6


def worked() -> tuple[float, float]:
    flow = flowloft.pipeline(*[work] * 100)
    return over_plain(lambda: flow.run(1, sink=Kept()), 100)


def payload() -> float:
    flow = flowloft.pipeline(*[same] * 20)
    return peak_ratio(lambda: flow.run(b"x", sink=Kept()), lambda: flow.run(b"x" * PAYLOAD, sink=Kept()))


def streamed() -> tuple[float, float]:
    KINDS.register("say", Say)
    plan = _compiled({"n0": {"kind": "text", "settings": {"text": "x"}}, "n1": {"kind": "say"}})

    def tokens() -> Iterator[str]:
        sink = Told()

        def run() -> None:
            flowloft.run_plan(plan, {}, None, sink)
            sink.pieces.put(None)

        threading.Thread(target=run).start()
        return iter(sink.pieces.get, None)

    first, last = first_and_last(tokens)
    return first * 1e3, last * 1e3


def rerun() -> float:
    KINDS.register("work", Work)
    nodes: dict[str, Any] = {f"n{number}": {"kind": "work"} for number in range(50)}
    nodes["n0"] = {"kind": "text", "settings": {"text": "x"}}
    cache, marks = MemoryCache(), iter(range(1, 1_000))

    def changed() -> None:
        nodes["n49"] = {"kind": "work", "settings": {"mark": next(marks)}}
        flowloft.run_plan(_compiled(nodes), {}, Context(cache=cache), Kept())

    return best(changed, 10) * 1e3


def _compiled(nodes: dict[str, Any]) -> Any:
    names = list(nodes)
    edges = {
        target: {"source": source, "source_port": "output", "target": target, "target_port": "value"}
        for source, target in itertools.pairwise(names)
    }
    graph = {"nodes": nodes, "edges": edges}
    document = {"schema": "flowloft/flow", "schema_version": 1, "kind": "flow", "graph": graph}
    return flowloft.compile_flow(document).plan


answer(
    {
        "chain 10": lambda: chain(10),
        "chain 100": lambda: chain(100),
        "chain 1000": lambda: chain(1_000),
        "fan": fan,
        "loop": rounds,
        "switch": switched,
        "map": mapped,
        "work": worked,
        "payload": payload,
        "stream": streamed,
        "rerun": rerun,
    }
)
