"""Works on one evaluation: starts runs, measures what they answered, ends it.

Whoever comes may do any of it: a run is started in the transaction that notes it in its row, an answer is
measured by whoever takes its lease, and a row that is over never changes.
"""

from __future__ import annotations

import logging
import uuid
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from flowloft.core.context import Context
from flowloft.core.errors import FlowloftError
from flowloft.core.spec import FlowSpec
from flowloft.core.types import as_text
from flowloft.engine.compile import flow_ports
from flowloft.experiments.rows import question_of

from backend.experiments import limits
from backend.experiments.examples import inputs_of, words_of
from backend.experiments.hints import experiment_waits
from backend.experiments.models import Evaluation, EvaluationRow, Trial
from backend.experiments.plans import metric_of
from backend.experiments.states import AT_WORK, OPEN, EvaluationState, RowState
from backend.hub.source import HubModels
from backend.runs.parts import Part
from backend.runs.services import run_start

log = logging.getLogger(__name__)
ORIGIN = "evaluation"


def evaluation_work(*, evaluation_id: uuid.UUID) -> None:
    """Does what there is to do; nothing, where all rows wait for their runs."""
    Evaluation.objects.filter(id=evaluation_id).update(worked_at=timezone.now())
    rows_start(evaluation_id=evaluation_id)
    for row in _to_measure(evaluation_id):
        row_measure(row=row)
    evaluation_close(evaluation_id=evaluation_id)


def rows_start(*, evaluation_id: uuid.UUID) -> None:
    """Starts runs for rows that wait, as many as may be under way."""
    with transaction.atomic():
        mine = Evaluation.objects.select_for_update().filter(id=evaluation_id, state=EvaluationState.RUNNING)
        evaluation = mine.first()
        if evaluation is None:
            return
        rows = EvaluationRow.objects.filter(evaluation=evaluation)
        # Somebody may have removed a run: its row is as good as not begun.
        rows.filter(state=RowState.RUNNING, run=None).update(state=RowState.WAITING)
        room = limits.AT_ONCE - rows.filter(state=RowState.RUNNING).count()
        waiting = list(rows.filter(state=RowState.WAITING)[: max(0, room)])
        if not waiting:
            return
        ports, _ = flow_ports(FlowSpec.model_validate(evaluation.document).graph)
        takes = {port.name: port.type.value for port in ports}
        for row in waiting:
            _start(evaluation, row, takes)


def _start(evaluation: Evaluation, row: EvaluationRow, takes: dict[str, str]) -> None:
    try:
        with transaction.atomic():
            run = run_start(
                owner=evaluation.owner,
                flow=evaluation.flow,
                version=evaluation.version,
                frozen=evaluation.document,
                inputs=inputs_of(row, takes, evaluation.input, evaluation.inputs),
                queue="batch",
                origin=ORIGIN,
                part=Part(reuse=evaluation.reuse),
            )
    except FlowloftError as error:
        _write(row, state=RowState.FAILED, score=0.0, good=False, error=error.payload())
    else:
        _write(row, state=RowState.RUNNING, run=run)


def _write(row: EvaluationRow, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))


def _to_measure(evaluation_id: uuid.UUID) -> list[EvaluationRow]:
    free = Q(lease_until=None) | Q(lease_until__lte=timezone.now())
    rows = EvaluationRow.objects.filter(free, evaluation_id=evaluation_id, state=RowState.ANSWERED)
    return list(rows.select_related("evaluation").defer("evaluation__document"))


def row_measure(*, row: EvaluationRow) -> None:
    """Measures an answer, unless another does."""
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    waits = EvaluationRow.objects.filter(id=row.id, state=RowState.ANSWERED)
    if not waits.filter(free).update(lease_until=now + timedelta(seconds=limits.SCORING)):
        return
    waits.update(**_verdict(row), lease_until=None)


def _verdict(row: EvaluationRow) -> dict[str, Any]:
    evaluation = row.evaluation
    context = Context(models=HubModels(evaluation.owner_id), timeout=limits.SCORING * 0.8)
    try:
        metric = metric_of(evaluation.metric, evaluation.settings)
        found = metric.score(question_of(row.asked), row.answer, row.expected, context)
    except FlowloftError as error:
        return _failed(error.payload())
    except Exception:
        incident = uuid.uuid4().hex[:12]
        log.exception("Bug %s in the metric %s", incident, evaluation.metric)
        return _failed(
            {
                "code": "internal_error",
                "message": f"Something went wrong in the metric (id {incident}).",
                "hint": "Choose another metric; report it with the id.",
                "extra": {"id": incident},
            }
        )
    return {
        "state": RowState.SCORED,
        "score": found.score,
        "good": found.score >= evaluation.threshold,
        "reason": found.reason.encode("utf-8", "ignore").decode().replace("\0", " "),
    }


def _failed(error: dict[str, Any]) -> dict[str, Any]:
    return {"state": RowState.FAILED, "score": 0.0, "good": False, "error": error}


def row_answered(*, row: EvaluationRow, run: Any) -> None:
    """Notes in a row how its run ended; called in the transaction of that end."""
    fields: dict[str, Any] = {"usage": run.usage}
    if run.started_at and run.finished_at:
        fields["seconds"] = (run.finished_at - run.started_at).total_seconds()
    answer = (run.outputs or {}).get(row.evaluation.output)
    if run.status == "cancelled":
        fields["state"] = RowState.CANCELLED
    elif run.status != "succeeded":
        fields |= _failed(run.error or _no_answer(f"The run {run.status.replace('_', ' ')}."))
    elif answer is None:
        fields |= _failed(_no_answer(f"The flow ended without its output “{row.evaluation.output}”."))
    elif row.evaluation.state == EvaluationState.CANCELLING:
        fields |= {"state": RowState.CANCELLED, "answer": as_text(answer)}
    else:
        text = as_text(answer)
        fields |= {
            "state": RowState.ANSWERED,
            "answer": text,
            "words": words_of(question_of(row.asked), row.expected, text),
        }
    _write(row, **fields)


def _no_answer(message: str) -> dict[str, Any]:
    return {"code": "no_answer", "message": message, "hint": "Open its run to see why.", "extra": {}}


def evaluation_close(*, evaluation_id: uuid.UUID) -> None:
    """Ends it, where no row is at work any more."""
    with transaction.atomic():
        mine = Evaluation.objects.select_for_update().filter(id=evaluation_id, state__in=OPEN)
        evaluation = mine.defer("document").first()
        if evaluation is None or evaluation.rows.filter(state__in=AT_WORK).exists():
            return
        stopped = evaluation.state == EvaluationState.CANCELLING
        evaluation.state = EvaluationState.CANCELLED if stopped else EvaluationState.SUCCEEDED
        evaluation.finished_at = timezone.now()
        evaluation.save(update_fields=["state", "finished_at"])
        for experiment_id in Trial.objects.filter(evaluation=evaluation).values_list(
            "experiment_id", flat=True
        ):
            transaction.on_commit(partial(experiment_waits, experiment_id))
