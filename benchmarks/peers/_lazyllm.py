"""The workloads in LazyLLM."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import lazyllm
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
from lazyllm import loop, parallel, pipeline, switch, warp

TOKEN = json.dumps({"tag": "text", "delta": "token "})
"""As its own models put a piece of an answer on the queue."""


def chain(count: int) -> float:
    flow = pipeline(*[same] * count)
    return best(lambda: flow(1), 5) / count * 1e6


def fan() -> float:
    flow = parallel(*[sleep] * 64)
    return best(lambda: flow(1), 3) * 1e3


def rounds() -> float:
    flow = loop(one_more, count=10_000)
    return best(lambda: flow(0), 2) * 1e3


def switched() -> float:
    flow = switch(*[one for number in range(100) for one in (number, same)])
    return best(lambda: flow(99), 50) * 1e6


def mapped() -> float:
    flow = warp(pipeline(*[same] * 5))
    return best(lambda: flow(list(range(100))), 5) / 100 * 1e6


def worked() -> tuple[float, float]:
    flow = pipeline(*[work] * 100)
    return over_plain(lambda: flow(1), 100)


def payload() -> float:
    flow = pipeline(*[same] * 20)
    return peak_ratio(lambda: flow(b"x"), lambda: flow(b"x" * PAYLOAD))


def streamed() -> tuple[float, float]:
    def say(value: Any) -> str:
        for _ in range(TOKENS):
            lazyllm.FileSystemQueue().enqueue(TOKEN)
        return "done"

    helper = lazyllm.StreamCallHelper(pipeline(same, say), interval=0.01)

    def tokens() -> Iterator[Any]:
        return iter(helper(1))

    first, last = first_and_last(tokens, times=1)
    return first * 1e3, last * 1e3


def rerun() -> float:
    # Results are not kept between runs: all fifty run again.
    return best(lambda: pipeline(same, *[work] * 49)(1), 5) * 1e3


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
