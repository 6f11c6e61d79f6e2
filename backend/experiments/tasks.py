"""What Celery calls, and what a worker process does besides."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from backend.common.leases import looking
from backend.experiments import limits
from backend.experiments.hints import TASK, TRIALS
from backend.experiments.models import Evaluation, Experiment
from backend.experiments.states import OPEN
from backend.experiments.trials import experiment_work
from backend.experiments.worker import evaluation_work


@shared_task(name=TASK, ignore_result=True)
def work(evaluation_id: str) -> None:
    """Works on an evaluation, if there is something to do."""
    evaluation_work(evaluation_id=uuid.UUID(evaluation_id))


@shared_task(name=TRIALS, ignore_result=True)
def work_on_trials(experiment_id: str) -> None:
    """Works on an experiment, if there is something to do."""
    experiment_work(experiment_id=uuid.UUID(experiment_id))


def evaluations_look() -> None:
    """Works on every evaluation and every experiment that nobody looked after for a while."""
    stale = Q(worked_at=None) | Q(worked_at__lte=timezone.now() - timedelta(seconds=limits.HINT_AGAIN))
    for id_ in Experiment.objects.filter(stale, state__in=OPEN).values_list("id", flat=True)[:50]:
        experiment_work(experiment_id=id_)
    for id_ in Evaluation.objects.filter(stale, state__in=OPEN).values_list("id", flat=True)[:50]:
        evaluation_work(evaluation_id=id_)


@worker_ready.connect
def look_after(**_: Any) -> None:
    """Lets the studio's own worker look."""
    if not settings.ENVIRONMENT.joins:
        looking("evaluations", evaluations_look, every=limits.LOOK_EVERY)
