"""How what the engine tells becomes events. If these fail, pages see torn, late or endless text."""

from __future__ import annotations

import json
import math
import uuid
from typing import Any

import pytest
from flowloft.core.context import CancelToken
from flowloft.core.events import EVENT
from flowloft.core.types import SKIPPED

from backend.runs import limits, wire
from backend.runs.recorder import Recorder


class Notebook:
    """A recorder and how often it wanted to be written down."""

    def __init__(self, told: int = 0) -> None:
        self.urgent: list[bool] = []
        self.recorder = Recorder(
            run_id=uuid.uuid4(),
            fence=1,
            token=CancelToken(),
            wake=lambda _, urgent: self.urgent.append(urgent),
            told=told,
        )

    def begin(self, node_id: str, path: str = "", **inputs: Any) -> None:
        self.recorder.step_started(node_id, path, 1, inputs, 1.0)

    def end(self, node_id: str, path: str = "", **outputs: Any) -> None:
        self.recorder.step_succeeded(node_id, path, outputs, 1.0, 2.0, False, None, None)

    def fail(self, node_id: str, path: str = "", **extra: Any) -> None:
        error = {"code": "x", "message": "m", "hint": "", "extra": extra}
        self.recorder.step_failed(node_id, path, error, 1.0, 2.0, None)

    def say(self, node_id: str, text: str, path: str = "") -> None:
        self.recorder.step_text(node_id, path, "output", text, 1.5)

    def events(self) -> list[dict[str, Any]]:
        entry, _ = self.recorder.drain()
        found = json.loads(wire.batch(1, entry.events).text)
        for event in found:
            EVENT.validate_python(event)
        return found


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [f"{event['type'].removeprefix('step.')} {event.get('node_id', '')}" for event in events]


def test_text_is_gathered_between_two_writes_and_keeps_its_place() -> None:
    notes = Notebook()
    notes.begin("a")
    for piece in "one ", "two ", "three":
        notes.say("a", piece)
    notes.begin("b")
    notes.say("a", "!")
    notes.end("a", output="one two three!")
    events = notes.events()
    assert kinds(events) == ["started a", "delta a", "started b", "succeeded a"]
    assert events[1]["text"] == "one two three!"
    assert notes.events() == []


def test_text_behind_the_end_of_a_try_belongs_to_the_next() -> None:
    notes = Notebook()
    notes.begin("a")
    notes.say("a", "old")
    notes.begin("a")
    notes.say("a", "new")
    assert [event.get("text") for event in notes.events()] == [None, "old", None, "new"]


def test_much_text_is_written_at_once_and_long_text_in_pieces() -> None:
    notes = Notebook()
    notes.say("a", "x" * (limits.TEXT_CHARACTERS - 1))
    assert True not in notes.urgent
    notes.say("a", "x")
    assert notes.urgent[-1] is True
    notes.say("b", "ü" * (limits.DELTA_CHARACTERS + 5))
    assert [len(event["text"]) for event in notes.events()] == [256, limits.DELTA_CHARACTERS, 5]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"a": [1, None, True]}, {"a": [1, None, True]}),
        ("\ud83d", "?"),
        (math.nan, {"$text": "nan"}),
        ([math.inf], {"$text": "[inf]"}),
        (b"x", {"$text": "b'x'"}),
    ],
)
def test_any_value_can_be_told(value: Any, shown: Any) -> None:
    notes = Notebook()
    notes.end("a", output=value, untaken=SKIPPED)
    assert notes.events()[0]["outputs"] == {"output": shown}


def test_a_circle_and_a_deep_value_can_be_told() -> None:
    circle: list[Any] = []
    circle.append(circle)
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    notes = Notebook()
    notes.end("a", output=circle, other=deep)
    notes.fail("b", extra=circle)
    first, second = notes.events()
    assert set(first["outputs"]["output"]) == {"$text"}
    assert second["error"] == {"code": "x", "message": "m", "hint": ""}


def test_values_are_clipped_one_by_one_and_all_together() -> None:
    notes = Notebook()
    notes.end("a", **{f"p{index}": "x" * 16_000 for index in range(100)}, long="y" * 20_000, short=1)
    outputs = notes.events()[0]["outputs"]
    assert outputs["p0"] == "x" * 16_000
    assert outputs["long"]["$clipped"]["bytes"] == 20_002
    assert len(json.dumps(outputs)) < 2 * limits.EVENT_BYTES


def test_late_rounds_are_told_only_where_they_fail() -> None:
    notes = Notebook()
    for index in (0, limits.ROUNDS - 1, limits.ROUNDS, limits.ROUNDS + 1):
        path = f"loop[{index}]"
        notes.begin("in", path, value=index)
        notes.say("in", "text", path)
        if index <= limits.ROUNDS:
            notes.end("in", path)
        else:
            notes.fail("in", path)
    events = notes.events()
    assert [event["path"] for event in events] == [
        *["loop[0]"] * 3,
        *[f"loop[{limits.ROUNDS - 1}]"] * 3,
        *[f"loop[{limits.ROUNDS + 1}]"] * 2,
    ]
    assert events[-2]["inputs"] == {"value": limits.ROUNDS + 1}


def test_progress_is_told_once_a_write() -> None:
    notes = Notebook()
    for done in range(1_000):
        notes.recorder.step_progress("a", "", done, 1_000, 1.0)
    (event,) = notes.events()
    assert event["done"] == 999


def test_what_was_begun_is_ended_beyond_the_bound() -> None:
    notes = Notebook(told=limits.EVENTS - 2)
    notes.begin("a")
    notes.begin("b")
    notes.begin("c")
    notes.end("c")
    notes.end("a")
    notes.fail("b")
    assert kinds(notes.events()) == ["started a", "started b", "log ", "succeeded a", "failed b"]
