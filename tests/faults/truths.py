"""What must hold of every run, whatever was killed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from flowloft.core.events import EVENT, TERMINAL
from flowloft.core.fold import RunState, fold

from tests.faults.studio import Studio


def told(events: list[dict[str, Any]], node_id: str, port: str) -> str:
    """Returns the text that a step has shown, as a page puts it together."""
    state = fold(RunState(), map(EVENT.validate_python, events))
    return state.steps[node_id].text.get(port, "")


def holds(studio: Studio, run: dict[str, Any]) -> list[dict[str, Any]]:
    """Checks the log of a run that is over against itself and against the run; returns it."""
    events = studio.events(run["id"])
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert [event["type"] in TERMINAL for event in events] == [False] * (len(events) - 1) + [True]
    assert events[-1]["type"] == f"run.{run['status']}"
    assert run["last_seq"] == len(events)
    state = fold(RunState(), map(EVENT.validate_python, events))
    assert state.model_dump(mode="json") == run["state"]
    return events


def none_twice(ledger: Path) -> None:
    """Checks that no step that must not be repeated was, and that others kept their key."""
    lines = Counter(ledger.read_text().splitlines())
    assert lines
    twice = {line: count for line, count in lines.items() if line.startswith("once") and count > 1}
    assert not twice
    keys: dict[str, set[str]] = {}
    for line in lines:
        again, run_id, key = line.split()
        keys.setdefault(f"{again} {run_id}", set()).add(key)
    assert all(len(found) == 1 and "" not in found for found in keys.values())
