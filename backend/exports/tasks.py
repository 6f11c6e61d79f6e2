"""What Celery calls, and what a worker process does besides."""

from __future__ import annotations

import uuid
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings

from backend.exports.jobs import TASK
from backend.exports.reaper import Reaper
from backend.exports.worker import job_work


@shared_task(name=TASK, ignore_result=True)
def make(job_id: str) -> None:
    """Works on an export, if it still waits."""
    job_work(job_id=uuid.UUID(job_id))


@worker_ready.connect
def look_after(**_: Any) -> None:
    """Lets the studio's own worker look for exports that wait or lost theirs."""
    if not settings.ENVIRONMENT.joins:
        Reaper().start()
