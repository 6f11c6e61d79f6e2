"""What a worker makes of a run. If these fail, runs end wrongly, or say something else than happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from flowloft.core.events import EVENT, TERMINAL
from flowloft.core.fold import RunState, fold

from backend.runs import limits
from backend.runs.keeper import KEEPER
from backend.runs.log import state_read
from backend.runs.models import Run, RunDetail, RunEvent, StepIntent
from backend.runs.reaper import runs_recover
from backend.runs.services import run_cancel
from backend.runs.states import Status
from backend.runs.wire import line
from backend.runs.worker import run_work
from tests.backend.runs.conftest import ECHO, PAUSE, Act, Pause, graph

pytestmark = pytest.mark.django_db(transaction=True)


def lines(run: Any) -> list[str]:
    rows = RunEvent.objects.filter(run=run).order_by("seq").values_list("seq", "type", "at", "payload")
    return [line(*row) for row in rows]


def fresh(run: Any) -> Run:
    return Run.objects.get(id=run.id)


def test_a_run_succeeds_and_its_events_add_up_from_every_seq(started: Callable[..., Run], api: Any) -> None:
    run = started(ECHO, text="Größe \u0000 und 🦊")
    run_work(run_id=run.id)

    told = api.get(f"/api/v1/runs/{run.id}").json()
    assert told["status"] == "succeeded"
    assert told["outputs"] == {"text": "Größe \u0000 und 🦊"}
    events = [EVENT.validate_json(text) for text in lines(run)]
    assert [event.seq for event in events] == list(range(1, told["last_seq"] + 1))
    for known in range(len(events) + 1):
        state = fold(fold(RunState(), events[:known]), events[max(0, known - 2) :])
        assert state.model_dump(mode="json") == told["state"]


def test_a_long_run_saves_its_state_on_the_way(
    started: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, api: Any
) -> None:
    monkeypatch.setattr(limits, "FOLD_TAIL", 5)
    monkeypatch.setattr(limits, "FOLD_END", 5)
    texts = {f"t{index}": {"kind": "text", "settings": {"text": "x"}} for index in range(12)}
    run = started(graph(texts))
    run_work(run_id=run.id)

    detail = RunDetail.objects.get(run=run)
    assert detail.state_seq == fresh(run).last_seq
    whole = fold(RunState(), map(EVENT.validate_json, lines(run)))
    assert state_read(run_id=run.id) == whole
    assert api.get(f"/api/v1/runs/{run.id}").json()["state"] == whole.model_dump(mode="json")


def test_a_failing_node_is_named(started: Callable[..., Run]) -> None:
    run = started(ECHO)
    run_work(run_id=run.id)
    error = fresh(run).error
    assert (fresh(run).status, error["code"], error["extra"]["node_id"]) == ("failed", "missing_input", "ask")


def test_a_bug_in_a_node_ends_only_its_run(started: Callable[..., Run]) -> None:
    run = started(graph({"b": {"kind": "break"}}))
    run_work(run_id=run.id)
    assert fresh(run).status == "failed"
    assert fresh(run).error["extra"]["node_id"] == "b"


def test_a_run_that_takes_too_long_times_out(
    started: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "RUN_TIMEOUT", 0.3)
    run = started(PAUSE)
    run_work(run_id=run.id)
    assert fresh(run).status == "timed_out"
    assert fresh(run).error["code"] == "timed_out"


def test_cancel_stops_a_running_step_and_keeps_its_text(
    started: Callable[..., Run], at_work: Callable[[Run], Any]
) -> None:
    run = started(PAUSE)
    thread = at_work(run)
    assert Pause.begun.wait(30)
    assert run_cancel(run=run).status in ("cancelling", "cancelled")
    thread.join(60)
    assert not thread.is_alive()
    assert fresh(run).status == "cancelled"
    assert state_read(run_id=run.id).steps["say"].text["text"] == "word0 word1 word2 "
    kinds = list(RunEvent.objects.filter(run=run).order_by("seq").values_list("type", flat=True))
    assert [kind for kind in kinds if kind in TERMINAL] == ["run.cancelled"] == kinds[-1:]


def test_a_worker_that_was_written_off_writes_nothing_more(
    started: Callable[..., Run], at_work: Callable[[Run], Any]
) -> None:
    run = started(PAUSE)
    thread = at_work(run)
    assert Pause.begun.wait(30)
    Run.objects.filter(id=run.id).update(fence=99)
    before = RunEvent.objects.filter(run=run).count()
    Pause.go.set()
    thread.join(60)
    assert RunEvent.objects.filter(run=run).count() == before
    assert fresh(run).status == "running"


def test_a_worker_that_was_held_up_does_not_take_its_own_run_for_lost(
    started: Callable[..., Run], at_work: Callable[[Run], Any]
) -> None:
    run = started(PAUSE)
    thread = at_work(run)
    assert Pause.begun.wait(30)
    runs_recover(now=timezone.now() + timedelta(hours=1), held=KEEPER.holds)
    Pause.go.set()
    thread.join(60)
    assert (fresh(run).status, fresh(run).attempt) == ("succeeded", 1)


def test_two_messages_for_one_run_are_one_run(started: Callable[..., Run]) -> None:
    run = started(ECHO, text="x")
    run_work(run_id=run.id)
    before = lines(run)
    run_work(run_id=run.id)
    assert lines(run) == before


TWO = graph(
    {"first": {"kind": "act", "settings": {"again": "repeatable"}}, "second": {"kind": "act"}},
    ("first", "output", "second", "after"),
)


def again(run: Run) -> None:
    """Puts a run back as the reaper does after a crash, as if its last worker had not told the end."""
    ends = RunEvent.objects.filter(run=run, type__in=TERMINAL)
    ends.delete()
    last = RunEvent.objects.filter(run=run).order_by("-seq").values_list("seq", flat=True)[0]
    Run.objects.filter(id=run.id).update(
        status=Status.QUEUED, attempt=2, last_seq=last, outputs=None, error=None, finished_at=None
    )


def test_finished_steps_are_recalled_after_a_crash(started: Callable[..., Run]) -> None:
    run = started(TWO)
    run_work(run_id=run.id)
    assert len(Act.done) == 2
    again(run)
    run_work(run_id=run.id)
    assert fresh(run).status == "succeeded"
    assert len(Act.done) == 2
    assert state_read(run_id=run.id).steps["second"].state == "succeeded"


def test_big_outputs_are_shown_by_their_beginning_and_recalled_whole(started: Callable[..., Run]) -> None:
    big = "x" * 100_000
    run = started(
        graph(
            {
                "make": {"kind": "act", "settings": {"again": "none", "value": big}},
                "tell": {"kind": "output", "settings": {"name": "it"}},
            },
            ("make", "output", "tell", "value"),
        )
    )
    run_work(run_id=run.id)
    shown = state_read(run_id=run.id).steps["make"].outputs
    assert shown is not None
    assert shown["output"]["$clipped"]["bytes"] > 100_000
    assert fresh(run).outputs == {"it": big}
    again(run)
    run_work(run_id=run.id)
    assert len(Act.done) == 1
    assert fresh(run).outputs == {"it": big}


def test_a_step_whose_outcome_is_unknown_is_not_repeated(started: Callable[..., Run]) -> None:
    run = started(TWO)
    run_work(run_id=run.id)
    keys = list(Act.done)
    RunEvent.objects.filter(run=run, type="step.succeeded").delete()
    StepIntent.objects.filter(run=run).update(finished=False, outputs=None)
    again(run)
    run_work(run_id=run.id)
    assert Act.done == [*keys, keys[0]], "the repeatable step runs again, with the same key"
    assert fresh(run).status == "failed"
    assert fresh(run).error["code"] == "outcome_unknown"
    assert fresh(run).error["extra"]["node_id"] == "second"


def test_a_loop_of_many_rounds_is_told_in_bounds(started: Callable[..., Run]) -> None:
    body = {
        "nodes": {
            "in": {"kind": "body_input"},
            "text": {"kind": "text", "settings": {"text": "x"}},
            "out": {"kind": "body_output"},
        },
        "edges": {"b": {"source": "text", "source_port": "output", "target": "out", "target_port": "value"}},
    }
    run = started(graph({"again": {"kind": "loop", "settings": {"times": 3_000}, "body": body}}))
    run_work(run_id=run.id)
    assert fresh(run).status == "succeeded", fresh(run).error
    steps = state_read(run_id=run.id).steps
    assert f"again[{limits.ROUNDS - 1}]/text" in steps
    assert f"again[{limits.ROUNDS}]/text" not in steps
    assert (steps["again"].done, steps["again"].total) == (3_000, 3_000)
    assert {step.state for step in steps.values()} == {"succeeded"}


def test_nobody_knows_more_events_than_a_run_may_tell(
    started: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "EVENTS", 20)
    texts = {f"t{index}": {"kind": "text", "settings": {"text": "x"}} for index in range(60)}
    run = started(graph(texts))
    run_work(run_id=run.id)
    assert fresh(run).status == "succeeded"
    assert fresh(run).last_seq < 40
    assert RunEvent.objects.filter(run=run, type="log", payload__contains="only failures").count() == 1
