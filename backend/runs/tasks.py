"""What Celery calls, and what a worker process does besides."""

from __future__ import annotations

import uuid
from typing import Any

from celery import shared_task
from celery.signals import worker_ready, worker_shutting_down

from backend.runs.keeper import KEEPER
from backend.runs.queue import TASK
from backend.runs.reaper import Reaper
from backend.runs.worker import run_work


@shared_task(name=TASK, ignore_result=True)
def execute(run_id: str) -> None:
    """Works on a run, if it still waits."""
    run_work(run_id=uuid.UUID(run_id))


@worker_ready.connect
def look_after(sender: Any, **_: Any) -> None:
    """Lets every worker look for runs that lost theirs."""
    threads = int(sender.controller.concurrency)
    queues = list(sender.app.amqp.queues.consume_from)
    Reaper(room=lambda: threads - len(KEEPER), held=KEEPER.holds, queues=queues).start()


@worker_shutting_down.connect
def let_go(**_: Any) -> None:
    """Hands the runs of a worker that stops to the others, without waiting for the lease."""
    KEEPER.give_up()
