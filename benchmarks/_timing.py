"""How long something takes, and a table of it."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes:
        target: At most this, in the same unit; None where there is none.
        plain: The same work in plain Python in the same run, in the same unit.
    """

    name: str
    value: float
    unit: str
    target: float | None = None
    plain: float | None = None

    def cells(self) -> tuple[str, str, str]:
        """Returns what, how much, and the target."""
        missed = self.target is not None and self.value > self.target
        plain = "" if self.plain is None else f" (plain Python {self.plain:.3g} {self.unit})"
        figure = f"{self.value:.3g} {self.unit}{plain}{', missed' if missed else ''}"
        return self.name, figure, "" if self.target is None else f"{self.target:g} {self.unit}"


def best(call: Callable[[], object], times: int = 7) -> float:
    """Returns the shortest of several runs, in seconds: other work on the machine only ever adds."""
    shortest = float("inf")
    call()
    for _ in range(times):
        gc.collect()
        started = time.perf_counter()
        call()
        shortest = min(shortest, time.perf_counter() - started)
    return shortest


def table(rows: Iterable[Row | tuple[str, str, str]]) -> Iterator[str]:
    """Yields the lines of a Markdown table, each as soon as its figure is there."""
    yield "| what | measured | target or peer |"
    yield "|---|---|---|"
    for row in rows:
        yield f"| {' | '.join(row.cells() if isinstance(row, Row) else row)} |"
