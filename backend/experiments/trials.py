"""Works on one experiment: begins its trials, notes how they ended, counts the money, ends it.

As with evaluations, whoever comes may do any of it: a trial is begun in the transaction that notes its
evaluation, and one that has ended never changes.
"""

from __future__ import annotations

import uuid

from django.db import transaction
from django.db.models import Avg, Count, Q
from django.utils import timezone
from flowloft.core.errors import FlowloftError
from flowloft.core.prices import COST
from flowloft.experiments.settings import overridden

from backend.common.errors import ApiError
from backend.experiments import limits
from backend.experiments.grid import overrides_of
from backend.experiments.models import Evaluation, Experiment, Trial
from backend.experiments.plans import Planned
from backend.experiments.services import evaluation_begin, evaluation_cancel, usage_of
from backend.experiments.states import OPEN, TRIED, EvaluationState, RowState, TrialState


def experiment_work(*, experiment_id: uuid.UUID) -> None:
    """Does what there is to do; nothing, where a trial is under way."""
    Experiment.objects.filter(id=experiment_id).update(worked_at=timezone.now())
    trials_settle(experiment_id=experiment_id)
    money_watch(experiment_id=experiment_id)
    trials_begin(experiment_id=experiment_id)
    experiment_close(experiment_id=experiment_id)


def trials_settle(*, experiment_id: uuid.UUID) -> None:
    """Notes what came out of the trials whose evaluation has ended."""
    under_way = Trial.objects.filter(experiment_id=experiment_id, state=TrialState.RUNNING)
    # Somebody may have removed the evaluation: the trial is as good as not begun.
    under_way.filter(evaluation=None).update(state=TrialState.WAITING)
    ended = under_way.exclude(evaluation__state__in=OPEN).select_related("evaluation")
    for trial in ended.defer("evaluation__document"):
        evaluation = trial.evaluation
        if evaluation is None:
            continue
        figures = evaluation.rows.aggregate(
            score=Avg("score"),
            seconds=Avg("seconds"),
            rows_failed=Count("pk", filter=Q(state=RowState.FAILED)),
        )
        whole = evaluation.state == EvaluationState.SUCCEEDED and figures["score"] is not None
        state = TrialState.SUCCEEDED if whole else TrialState.CANCELLED
        under_way.filter(id=trial.id).update(state=state, usage=usage_of(evaluation), **figures)


def spent_of(experiment: Experiment) -> dict[str, float]:
    """Returns what all runs so far have used."""
    total: dict[str, float] = {}
    for trial in experiment.trials.select_related("evaluation").defer("evaluation__document"):
        live = trial.state == TrialState.RUNNING and trial.evaluation is not None
        used = usage_of(trial.evaluation) if live and trial.evaluation else trial.usage
        for name, count in used.items():
            total[name] = round(total.get(name, 0) + count, 9)
    return total


def money_watch(*, experiment_id: uuid.UUID) -> None:
    """Begins and goes on with nothing, once the money is spent."""
    limited = Experiment.objects.filter(
        id=experiment_id, state=EvaluationState.RUNNING, most_cost__isnull=False
    )
    experiment = limited.defer("document").first()
    if experiment is None or experiment.most_cost is None:
        return
    if spent_of(experiment).get(f"{COST}{experiment.currency}", 0.0) < experiment.most_cost:
        return
    experiment.trials.filter(state=TrialState.WAITING).update(state=TrialState.SKIPPED)
    _stop(experiment)


def _stop(experiment: Experiment) -> None:
    for evaluation in Evaluation.objects.filter(
        trial__experiment=experiment, trial__state=TrialState.RUNNING, state__in=OPEN
    ).defer("document"):
        evaluation_cancel(evaluation=evaluation)
    trials_settle(experiment_id=experiment.id)


def trials_begin(*, experiment_id: uuid.UUID) -> None:
    """Begins those that wait, as many as may be under way."""
    with transaction.atomic():
        mine = Experiment.objects.select_for_update().filter(id=experiment_id, state=EvaluationState.RUNNING)
        experiment = mine.first()
        if experiment is None:
            return
        trials = Trial.objects.filter(experiment=experiment)
        room = limits.TRIALS_AT_ONCE - trials.filter(state=TrialState.RUNNING).count()
        for trial in trials.filter(state=TrialState.WAITING):
            if room <= 0:
                return
            room -= _begin(experiment, trial)


def _begin(experiment: Experiment, trial: Trial) -> bool:
    try:
        planned = _planned(experiment, trial)
        name = f"{experiment.name[:90]} · {trial.number}"
        evaluation = evaluation_begin(user=experiment.owner, planned=planned, name=name)
    except FlowloftError as error:
        Trial.objects.filter(id=trial.id).update(state=TrialState.FAILED, error=error.payload())
        return False
    Trial.objects.filter(id=trial.id).update(state=TrialState.RUNNING, evaluation=evaluation)
    return True


def _planned(experiment: Experiment, trial: Trial) -> Planned:
    if experiment.dataset is None:
        raise ApiError(409, "dataset_gone", "The dataset has been deleted.", "Start on another one.")
    overrides = overrides_of(experiment.grid, trial.values)
    return Planned(
        flow=experiment.flow,
        version=experiment.version,
        document=overridden(experiment.document, overrides),
        takes=[],
        gives=[],
        input=experiment.input,
        output=experiment.output,
        inputs=experiment.inputs,
        dataset=experiment.dataset,
        metric=experiment.metric,
        settings=experiment.settings,
        threshold=experiment.threshold,
        reuse=experiment.reuse,
        runs=experiment.limit,
        overrides=overrides,
    )


def experiment_cancel(*, experiment: Experiment) -> None:
    """Begins no further trial and stops the one under way; what is measured stays."""
    with transaction.atomic():
        locked = Experiment.objects.select_for_update().filter(
            id=experiment.id, state=EvaluationState.RUNNING
        )
        if locked.first() is None:
            return
        Experiment.objects.filter(id=experiment.id).update(state=EvaluationState.CANCELLING)
        experiment.trials.filter(state=TrialState.WAITING).update(state=TrialState.CANCELLED)
    _stop(experiment)
    experiment_close(experiment_id=experiment.id)


def experiment_close(*, experiment_id: uuid.UUID) -> None:
    """Ends it, where no trial waits or is under way any more."""
    with transaction.atomic():
        mine = Experiment.objects.select_for_update().filter(id=experiment_id, state__in=OPEN)
        experiment = mine.defer("document").first()
        if experiment is None or experiment.trials.filter(state__in=TRIED).exists():
            return
        stopped = experiment.state == EvaluationState.CANCELLING
        experiment.state = EvaluationState.CANCELLED if stopped else EvaluationState.SUCCEEDED
        experiment.finished_at = timezone.now()
        experiment.save(update_fields=["state", "finished_at"])
