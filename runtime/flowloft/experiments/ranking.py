"""Which of many trials is best, and which are worth what they take."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


def place(score: float | None, figures: Iterable[float | None], number: int) -> tuple[float, ...]:
    """Returns what trials are sorted by: a better score comes first; among equals what takes less.

    Args:
        figures: What it took, the weightiest first; None where that is not known.
        number: Decides between trials that are the same in all of it.
    """
    return (-(score or 0.0), *(float("inf") if one is None else one for one in figures), number)


def front(placed: Iterable[tuple[Key, float, float]]) -> set[Key]:
    """Returns the trials that no other beats: none has as good a score for less, or a better one for as much.

    Args:
        placed: Key, score (more is better), and what it took (less is better), of each.

    Example:
        >>> sorted(front([("slow", 0.9, 8.0), ("quick", 0.7, 1.0), ("poor", 0.6, 4.0)]))
        ['quick', 'slow']
    """
    found: set[Key] = set()
    best, level = float("-inf"), float("-inf")
    for key, score, took in sorted(placed, key=lambda one: (one[2], -one[1])):
        if score > best:
            best, level = score, took
        if score == best and took == level:
            found.add(key)
    return found
