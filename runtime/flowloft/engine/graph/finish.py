"""Connected steps to a graph: what is a root, and whether one thread is enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from flowloft.core.plan import Graph, Step


def settle(step: Step) -> None:
    """Notes how short the way is by which a step can be run."""
    step.light = not (
        step.body_as
        or step.streaming
        or step.stream_ports
        or step.timeout
        or step.effect != "none"
        or step.on_error != "stop"
        or step.attempts > 1
    )
    single = step.shape == "single" and len(step.slots) == 1 and step.live_slot is None
    step.plain = step.light and single and not step.context_as


def finish(steps: list[Step], slots: int, exclusive: Callable[[int, int], bool]) -> Graph:
    """Returns the steps, in order and connected, as a graph.

    Args:
        exclusive: Says of two steps whether at most one of them ever runs.
    """
    for step in steps:
        settle(step)
    return Graph(
        steps=tuple(steps),
        slots=slots,
        rows=tuple(step.row() for step in steps),
        roots=tuple(index for index, step in enumerate(steps) if not step.waits_for),
        serial=_is_serial(steps, exclusive),
        quick=all(step.quick for step in steps),
    )


MOST_PAIRS = 10_000
"""How many pairs of steps are looked at to find out whether they exclude each other."""


def _is_serial(steps: list[Step], exclusive: Callable[[int, int], bool]) -> bool:
    """Says whether no two steps that take time can ever run side by side: of each two, one waits
    for the other, however indirectly, or they stand on different branches."""
    if any(step.then_live for step in steps):
        return False
    before = [0] * len(steps)
    slow = pairs = 0
    for index, step in enumerate(steps):
        if not step.quick:
            beside = slow & ~before[index]
            pairs += beside.bit_count()
            if pairs > MOST_PAIRS or not all(exclusive(index, other) for other in _bits(beside)):
                return False
            slow |= 1 << index
        reached = before[index] | 1 << index
        for reader in step.then:
            before[reader] |= reached
    return True


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
