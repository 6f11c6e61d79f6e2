"""Looks for runs that nobody looks after: every worker process does, once a second."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db import Error, connection
from django.db.models import Q
from django.utils import timezone

from backend.runs import limits
from backend.runs.models import Run
from backend.runs.questions import questions_expire
from backend.runs.queue import announce
from backend.runs.results import results_prune
from backend.runs.retention import runs_prune
from backend.runs.states import HELD, MAX_ATTEMPTS, Status
from backend.runs.transitions import run_transition

log = logging.getLogger(__name__)

AT_ONCE = 200

WORKER_LOST = {
    "code": "worker_lost",
    "message": f"The workers that ran this were lost {MAX_ATTEMPTS} times.",
    "hint": "Look into the log of the workers: something in this flow may end them (memory, a crash).",
    "extra": {},
}


def runs_recover(*, now: datetime, held: Callable[[uuid.UUID], bool] = lambda _: False) -> None:
    """Takes held runs from workers that went silent: back to the queue, or to their end.

    Args:
        held: Says whether this very process works on a run. After a stall (a slow disk, a machine that
            slept) its own lease has run out too, and it may look here before it has renewed it.
    """
    silent = Q(lease_until__lte=now) | Q(lease_until=None)
    for run in Run.objects.filter(silent, status__in=HELD).only("id", "fence", "status", "attempt")[:AT_ONCE]:
        if held(run.id):
            continue
        if run.status == Status.CANCELLING:
            run_transition(run_id=run.id, to=Status.CANCELLED, source=HELD, fence=run.fence, expired_at=now)
        elif run.attempt >= MAX_ATTEMPTS:
            run_transition(
                run_id=run.id,
                to=Status.FAILED,
                source=HELD,
                fence=run.fence,
                expired_at=now,
                payload={"error": WORKER_LOST},
            )
        else:
            log.warning("Run %s lost its worker (attempt %d); queued again", run.id, run.attempt)
            run_transition(run_id=run.id, to=Status.QUEUED, source=HELD, fence=run.fence, expired_at=now)


def runs_remind(*, now: datetime, room: int, queues: Sequence[str]) -> None:
    """Announces queued runs again that nobody took, as many as this worker has room for."""
    stale = Q(hinted_at__lte=now - timedelta(seconds=limits.HINT_AGAIN)) | Q(hinted_at=None)
    waiting = Run.objects.filter(stale, status=Status.QUEUED, queue__in=queues).order_by("created_at")
    found = list(waiting.values_list("id", "queue")[: max(0, room)])
    if found:
        Run.objects.filter(id__in=[id_ for id_, _ in found]).update(hinted_at=now)
    for id_, queue in found:
        announce(run_id=id_, queue=queue)


class Reaper:
    """The thread of a worker process.

    Args:
        room: Returns how many more runs this process could take.
        held: Says whether this process works on a run.
        queues: Those it works on.
    """

    def __init__(
        self, *, room: Callable[[], int], held: Callable[[uuid.UUID], bool], queues: Sequence[str]
    ) -> None:
        self._room = room
        self._held = held
        self._queues = queues

    def start(self) -> None:
        """Starts looking."""
        threading.Thread(target=self._work, name="reaper", daemon=True).start()

    def _work(self) -> None:
        pruned = time.monotonic()
        while True:
            try:
                runs_recover(now=timezone.now(), held=self._held)
                questions_expire(now=timezone.now())
                runs_remind(now=timezone.now(), room=self._room(), queues=self._queues)
                if time.monotonic() - pruned > limits.PRUNE_EVERY:
                    pruned = time.monotonic()
                    runs_prune(now=timezone.now())
                    results_prune(now=timezone.now())
            except Error as error:
                connection.close()
                log.warning("Could not look for lost runs: %s", error)
            time.sleep(limits.REAP_EVERY)
