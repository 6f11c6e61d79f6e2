"""Who looks after runs that nobody looks after. If these fail, runs stand still for ever."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backend.runs import limits, reaper
from backend.runs.models import Run, RunEvent, Snapshot
from backend.runs.retention import runs_prune
from backend.runs.states import MAX_ATTEMPTS, Status
from backend.runs.transitions import run_transition
from tests.backend.runs.conftest import ECHO

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[uuid.UUID]:
    """Hints that were sent."""
    ids: list[uuid.UUID] = []
    monkeypatch.setattr(reaper, "announce", lambda *, run_id, queue: ids.append(run_id))
    return ids


def claimed(run: Run, **lease: float) -> Run:
    found = run_transition(
        run_id=run.id,
        to=Status.RUNNING,
        source=[Status.QUEUED],
        lease_until=timezone.now() + timedelta(**lease),
    )
    assert found is not None
    return found


def test_a_silent_worker_loses_its_run_to_the_queue(started: Callable[..., Run]) -> None:
    run = claimed(started(ECHO, text="x"), seconds=-1)
    reaper.runs_recover(now=timezone.now())
    found = Run.objects.get(id=run.id)
    assert (found.status, found.attempt) == ("queued", 2)
    assert found.fence > run.fence
    assert found.lease_until is None


def test_a_worker_that_lives_keeps_its_run(started: Callable[..., Run]) -> None:
    run = claimed(started(ECHO, text="x"), seconds=60)
    reaper.runs_recover(now=timezone.now())
    assert Run.objects.get(id=run.id).status == "running"


def test_after_the_last_attempt_it_says_so(started: Callable[..., Run]) -> None:
    run = started(ECHO, text="x")
    for _ in range(MAX_ATTEMPTS):
        assert Run.objects.get(id=run.id).status == "queued"
        claimed(run, seconds=-1)
        reaper.runs_recover(now=timezone.now())
    found = Run.objects.get(id=run.id)
    assert (found.status, found.attempt, found.error["code"]) == ("failed", MAX_ATTEMPTS, "worker_lost")


def test_a_run_being_cancelled_by_a_dead_worker_is_cancelled(started: Callable[..., Run]) -> None:
    run = claimed(started(ECHO, text="x"), seconds=-1)
    run_transition(run_id=run.id, to=Status.CANCELLING, source=[Status.RUNNING])
    reaper.runs_recover(now=timezone.now())
    assert Run.objects.get(id=run.id).status == "cancelled"


def test_lost_hints_are_sent_again_for_as_many_as_there_is_room(
    started: Callable[..., Run], sent: list[Any]
) -> None:
    runs = [started(ECHO, text="x") for _ in range(3)]
    reaper.runs_remind(now=timezone.now(), room=10, queues=["interactive"])
    assert not sent, "they have just been announced"
    later = timezone.now() + timedelta(seconds=limits.HINT_AGAIN + 1)
    reaper.runs_remind(now=later, room=2, queues=["batch"])
    assert not sent, "that is not this worker's work"
    reaper.runs_remind(now=later, room=2, queues=["interactive"])
    assert sent == [runs[0].id, runs[1].id]
    reaper.runs_remind(now=later, room=2, queues=["interactive"])
    assert sent[2:] == [runs[2].id]


def test_old_runs_go_when_they_are_not_to_be_kept(
    started: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = started(ECHO, text="x"), started(ECHO, text="x")
    Run.objects.filter(id=old.id).update(status="succeeded", finished_at=timezone.now() - timedelta(days=8))
    assert runs_prune(now=timezone.now()) == 0, "nothing is removed unless somebody says so"
    monkeypatch.setattr(limits, "KEEP_DAYS", 7)
    assert runs_prune(now=timezone.now()) == 1
    assert list(Run.objects.values_list("id", flat=True)) == [new.id]
    assert not RunEvent.objects.filter(run_id=old.id).exists()
    assert Snapshot.objects.count() == 1
