"""What the three scripts share: how a figure is taken, and the work that the nodes do."""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

PAYLOAD = 100 * 1024 * 1024
"""Bytes."""
TOKENS = 10_000
SLEEP = 0.05
WORK = 0.001
"""Seconds."""

Workload = Callable[[], float]


def best(call: Callable[[], Any], times: int = 7) -> float:
    """Returns the shortest of several runs in seconds, after one that does not count."""
    shortest = float("inf")
    call()
    for _ in range(times):
        gc.collect()
        started = time.perf_counter()
        call()
        shortest = min(shortest, time.perf_counter() - started)
    return shortest


def over_plain(call: Callable[[], Any], count: int, times: int = 7) -> tuple[float, float]:
    """Returns milliseconds for ``count`` nodes of :func:`work`, and by how many percent that is more than
    calling it ``count`` times; both in turn, the shortest of each."""
    shortest = plain = float("inf")
    for _ in range(times):
        plain = min(plain, best(lambda: [work(1) for _ in range(count)], 1))
        shortest = min(shortest, best(call, 1))
    return shortest * 1e3, (shortest / plain - 1) * 100


def same(value: Any) -> Any:
    """Gives what it gets."""
    return value


def one_more(value: int) -> int:
    """Counts."""
    return value + 1


def sleep(value: Any) -> Any:
    """Waits as a call over the network does."""
    time.sleep(SLEEP)
    return value


def work(value: Any) -> Any:
    """Computes for a millisecond."""
    end = time.perf_counter() + WORK
    while time.perf_counter() < end:
        pass
    return value


def peak_ratio(small: Callable[[], Any], large: Callable[[], Any]) -> float:
    """Returns the growth of the process's peak memory in payloads.

    Args:
        small: The same run with next to no payload, so that what is loaded on the way is loaded.
        large: Makes the payload and runs with it.
    """
    small()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    large()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / PAYLOAD


def first_and_last(stream: Callable[[], Any], times: int = 3) -> tuple[float, float]:
    """Returns seconds to the first and to the last token of the fastest of several streams."""
    shortest = (float("inf"), float("inf"))
    for _ in range(times):
        started = time.perf_counter()
        first, count = 0.0, 0
        for _token in stream():
            count += 1
            first = first or time.perf_counter() - started
        if count < TOKENS:
            raise SystemExit(f"{count} tokens of {TOKENS} came")
        shortest = min(shortest, (first, time.perf_counter() - started), key=lambda pair: pair[1])
    return shortest


def answer(workloads: dict[str, Callable[[], Any]]) -> None:
    """Prints the figure of the workload that the command line names, as JSON."""
    print(json.dumps(workloads[sys.argv[1]]()))
