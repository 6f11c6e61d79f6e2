"""The state machine. If these fail, a run can end twice, or come back from its end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from flowloft.core.events import EVENT, TERMINAL
from flowloft.core.fold import RunState, fold
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from backend.runs.log import Entry, log_append
from backend.runs.models import Run, RunEvent
from backend.runs.states import MAX_ATTEMPTS, WAYS, Status
from backend.runs.transitions import run_transition
from backend.runs.wire import Told, line
from tests.backend.runs.conftest import ECHO

ENDS = [Status.SUCCEEDED, Status.FAILED, Status.TIMED_OUT]
ERROR = {"error": {"code": "x", "message": "", "hint": "", "extra": {}}}
PAYLOADS: dict[Status, dict[str, Any]] = {
    Status.SUCCEEDED: {"outputs": {}},
    Status.FAILED: ERROR,
    Status.TIMED_OUT: ERROR,
}


class Life(RuleBasedStateMachine):
    """Everybody does anything at any time; the machine knows only who holds the run."""

    start: Callable[[], Run]

    def __init__(self) -> None:
        super().__init__()
        self.run = type(self).start()
        self.seen: list[tuple[str, int]] = [("queued", 1)]
        self.fences: list[int] = []
        self.answered = 0

    def row(self) -> Run:
        return Run.objects.get(id=self.run.id)

    def note(self, found: Run | None) -> None:
        if found is not None:
            assert (Status(self.seen[-1][0]), Status(found.status)) in WAYS
            self.seen.append((found.status, found.last_seq))

    @rule()
    def claim(self) -> None:
        found = run_transition(
            run_id=self.run.id, to=Status.RUNNING, source=[Status.QUEUED], lease_until=timezone.now()
        )
        self.note(found)
        if found is not None:
            self.fences.append(found.fence)

    @rule(to=st.sampled_from(ENDS), old=st.integers(0, 2))
    def end(self, to: Status, old: int) -> None:
        if not self.fences:
            return
        fence = self.fences[max(-len(self.fences), -1 - old)]
        before = self.row()
        found = run_transition(
            run_id=self.run.id, to=to, source=[Status.RUNNING], fence=fence, payload=PAYLOADS[to]
        )
        assert (found is not None) == (before.status == "running" and before.fence == fence)
        self.note(found)

    @rule(old=st.integers(0, 2))
    def tell(self, old: int) -> None:
        if not self.fences:
            return
        fence = self.fences[max(-len(self.fences), -1 - old)]
        before = self.row()
        told = Told("log", time.time(), '{"node_id":"","path":"","message":"x"}')
        _, lost = log_append(entries=[Entry(self.run.id, fence, [told])])
        assert bool(lost) == (before.fence != fence or before.status not in ("running", "cancelling"))

    @rule(source=st.sampled_from([Status.QUEUED, Status.RUNNING, Status.WAITING]))
    def cancel(self, source: Status) -> None:
        self.note(run_transition(run_id=self.run.id, to=Status.CANCELLING, source=[source]))

    @rule()
    def wait(self) -> None:
        if self.fences:
            to, source = Status.WAITING, [Status.RUNNING]
            self.note(run_transition(run_id=self.run.id, to=to, source=source, fence=self.fences[-1]))

    @rule()
    def answer(self) -> None:
        found = run_transition(run_id=self.run.id, to=Status.QUEUED, source=[Status.WAITING])
        self.note(found)
        self.answered += found is not None

    @rule()
    def cancelled(self) -> None:
        self.note(run_transition(run_id=self.run.id, to=Status.CANCELLED, source=[Status.CANCELLING]))

    @rule(late=st.booleans())
    def reap(self, late: bool) -> None:
        at = timezone.now() + timedelta(seconds=1 if late else -60)
        before = self.row()
        found = run_transition(
            run_id=self.run.id,
            to=Status.QUEUED,
            source=[Status.RUNNING],
            fence=before.fence,
            expired_at=at,
        )
        assert (found is not None) == (before.status == "running" and late)
        self.note(found)

    @rule(to=st.sampled_from(Status), source=st.sampled_from(Status))
    def anything(self, to: Status, source: Status) -> None:
        if (source, to) not in WAYS:
            assert run_transition(run_id=self.run.id, to=to, source=[source]) is None

    @invariant()
    def told_and_kept_agree(self) -> None:
        row = self.row()
        rows = RunEvent.objects.filter(run=self.run).order_by("seq")
        events = [EVENT.validate_json(line(*r)) for r in rows.values_list("seq", "type", "at", "payload")]
        assert [event.seq for event in events] == list(range(1, row.last_seq + 1))
        state = fold(RunState(), events)
        assert (state.status, state.attempt) == (row.status, row.attempt)
        ends = [event for event in events if event.type in TERMINAL]
        assert ends == events[-1:] * (row.status in ("succeeded", "failed", "timed_out", "cancelled"))
        assert (row.finished_at is not None) == bool(ends)
        assert row.attempt == 1 + sum(status == "queued" for status, _ in self.seen[1:]) - self.answered
        assert row.status != "waiting" or row.lease_until is None


@pytest.mark.django_db(transaction=True)
def test_whatever_happens_a_run_has_one_life(started: Callable[..., Run]) -> None:
    Life.start = staticmethod(lambda: started(ECHO, text="x"))  # type: ignore[assignment,method-assign]
    quick = settings(max_examples=30, stateful_step_count=15, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Life, settings=quick)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.CANCELLING])
def test_fifty_at_once_and_one_gets_through(started: Callable[..., Run], status: Status) -> None:
    run = started(ECHO, text="x")
    Run.objects.filter(id=run.id).update(status=status)
    ready = threading.Barrier(50)

    def move(number: int) -> str | None:
        to = list(Status)[number % len(Status)]
        ready.wait()
        try:
            found = run_transition(run_id=run.id, to=to, source=[status], payload=PAYLOADS.get(to, {}))
            return found.status if found else None
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        through = [status for status in pool.map(move, range(50)) if status]
    assert len(through) == 1
    row = Run.objects.get(id=run.id)
    assert row.status == through[0]
    assert row.last_seq == RunEvent.objects.filter(run=run).count() == 2


def test_nothing_leads_out_of_an_end() -> None:
    ends = {Status.SUCCEEDED, Status.FAILED, Status.TIMED_OUT, Status.CANCELLED}
    assert not [way for way in WAYS if way[0] in ends]
    assert MAX_ATTEMPTS == 5
