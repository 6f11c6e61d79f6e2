"""The workloads in LangGraph."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Annotated, Any, TypedDict

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
from langgraph.cache.memory import InMemoryCache
from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph
from langgraph.types import CachePolicy, Send

FAR = {"recursion_limit": 100_000}


class One(TypedDict):
    value: Any


class Many(TypedDict):
    value: Any
    results: Annotated[list[Any], operator.add]


def _node(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda state: {"value": function(state["value"])}


def _chain(*functions: Callable[[Any], Any], cache: Any = None) -> Any:
    graph = StateGraph(One)
    for number, function in enumerate(functions):
        policy = CachePolicy() if cache is not None else None
        graph.add_node(f"n{number}", _node(function), cache_policy=policy)
        graph.add_edge(f"n{number - 1}" if number else START, f"n{number}")
    graph.add_edge(f"n{len(functions) - 1}", END)
    return graph.compile(cache=cache)


def chain(count: int) -> float:
    flow = _chain(*[same] * count)
    return best(lambda: flow.invoke({"value": 1}, FAR), 3 if count > 100 else 10) / count * 1e6


def fan() -> float:
    graph = StateGraph(Many)
    for number in range(64):
        graph.add_node(f"n{number}", lambda state: {"results": [sleep(state["value"])]})
        graph.add_edge(START, f"n{number}")
        graph.add_edge(f"n{number}", END)
    flow = graph.compile()
    return best(lambda: flow.invoke({"value": 1}, {"max_concurrency": 64}), 3) * 1e3


def rounds() -> float:
    graph = StateGraph(One)
    graph.add_node("step", _node(one_more))
    graph.add_edge(START, "step")
    graph.add_conditional_edges("step", lambda state: END if state["value"] >= 10_000 else "step")
    flow = graph.compile()
    return best(lambda: flow.invoke({"value": 0}, FAR), 1) * 1e3


def switched() -> float:
    graph = StateGraph(One)
    for number in range(100):
        graph.add_node(f"n{number}", _node(same))
        graph.add_edge(f"n{number}", END)
    graph.add_conditional_edges(START, lambda state: f"n{state['value']}")
    flow = graph.compile()
    return best(lambda: flow.invoke({"value": 99}), 30) * 1e6


def mapped() -> float:
    inner = _chain(*[same] * 5)
    graph = StateGraph(Many)
    graph.add_node("each", lambda state: {"results": [inner.invoke({"value": state["value"]})["value"]]})
    graph.add_conditional_edges(START, lambda state: [Send("each", {"value": one}) for one in state["value"]])
    graph.add_edge("each", END)
    flow = graph.compile()
    return best(lambda: flow.invoke({"value": list(range(100))}), 3) / 100 * 1e6


def worked() -> tuple[float, float]:
    flow = _chain(*[work] * 100)
    return over_plain(lambda: flow.invoke({"value": 1}, FAR), 100)


def payload() -> float:
    flow = _chain(*[same] * 20)
    return peak_ratio(
        lambda: flow.invoke({"value": b"x"}, FAR), lambda: flow.invoke({"value": b"x" * PAYLOAD}, FAR)
    )


def streamed() -> tuple[float, float]:
    def say(value: Any) -> str:
        writer = get_stream_writer()
        for _ in range(TOKENS):
            writer("token ")
        return "done"

    flow = _chain(same, say)

    def tokens() -> Iterator[str]:
        return iter(flow.stream({"value": 1}, stream_mode="custom"))

    first, last = first_and_last(tokens)
    return first * 1e3, last * 1e3


def rerun() -> float:
    cache = InMemoryCache()

    def changed() -> None:
        # Results are kept by the name of the node, so that the changed one needs a new name.
        graph = StateGraph(One)
        for number in range(50):
            name = f"n{number}" if number < 49 else f"last{next(marks)}"
            graph.add_node(name, _node(work if number else same), cache_policy=CachePolicy())
            graph.add_edge(f"n{number - 1}" if number else START, name)
        graph.add_edge(name, END)
        graph.compile(cache=cache).invoke({"value": 1}, FAR)

    marks = iter(range(1_000))
    return best(changed, 5) * 1e3


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
