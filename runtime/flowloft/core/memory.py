"""What a run knows of its steps before they are run: from an earlier run, or from a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Values = dict[str, Any]

TIMED_OUT = {"$timed_out": True}
"""In place of an answer where nobody gave one in time and there is no default."""

_NONE: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Memory:
    """What need not be computed, and where to stop. Steps are named by their key,
    ``loop_1[3]/ask``; nodes by their id, which means each of their steps.

    Attributes:
        given: Outputs by port that an earlier run had, by key of the step.
        pinned: Outputs by port that a person has fixed, by node id.
        edited: The same by key of the step; goes before both others.
        inputs: Inputs by port that stand in for those that arrive, by key of the step.
        fresh: Nodes that are run even where the cache has their result.
        stops: Nodes before which the run pauses.
        answers: What a person has answered, by key of the step; see :func:`pause_key`.
    """

    given: Mapping[str, Values] = field(default_factory=lambda: _NONE)
    pinned: Mapping[str, Values] = field(default_factory=lambda: _NONE)
    edited: Mapping[str, Values] = field(default_factory=lambda: _NONE)
    inputs: Mapping[str, Values] = field(default_factory=lambda: _NONE)
    fresh: frozenset[str] = frozenset()
    stops: frozenset[str] = frozenset()
    answers: Mapping[str, Any] = field(default_factory=lambda: _NONE)

    def outputs(self, key: str, node_id: str) -> Values | None:
        """Returns what a step is known to give, else None."""
        for found in (self.edited.get(key), self.pinned.get(node_id), self.given.get(key)):
            if found is not None:
                return found
        return None


def pause_key(key: str) -> str:
    """Returns the name under which a pause before a step is answered."""
    return f"{key}!"


def pause_question(inputs: Values) -> Values:
    """Returns what a person is asked at a breakpoint. An answer may carry other inputs."""
    return {"kind": "breakpoint", "inputs": inputs}
