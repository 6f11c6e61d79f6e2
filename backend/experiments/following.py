"""How the runs of an evaluation end."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from backend.experiments.hints import evaluation_waits
from backend.experiments.models import EvaluationRow
from backend.experiments.states import RowState
from backend.experiments.worker import ORIGIN, row_answered
from backend.runs.models import Run
from backend.runs.signals import run_ended


@receiver(run_ended)
def ended(sender: Any, run: Run, **_: Any) -> None:
    """Writes the answer into its row, and lets a worker measure it and start the next."""
    if run.origin != ORIGIN:
        return
    rows = EvaluationRow.objects.filter(run=run, state=RowState.RUNNING)
    row = rows.select_related("evaluation").defer("evaluation__document").first()
    if row is None:
        return
    row_answered(row=row, run=run)
    evaluation_id = row.evaluation_id
    transaction.on_commit(lambda: evaluation_waits(evaluation_id))
