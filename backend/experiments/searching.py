"""What people do with experiments: start one, look at its leaderboard, apply the winner, delete it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone
from flowloft.core.prices import COST
from flowloft.experiments.ranking import front, place
from flowloft.experiments.settings import node_at

from backend.common.errors import ApiError, pointer
from backend.common.objects import object_for
from backend.experiments.grid import grid_plan, overrides_of
from backend.experiments.hints import experiment_waits
from backend.experiments.models import Evaluation, Experiment, Trial
from backend.experiments.states import AT_WORK, OPEN, TRIED, TrialState
from backend.flows.models import Draft, Flow
from backend.flows.services import draft_patch

SECONDS = "seconds"


def experiment_start(*, user: Any, given: dict[str, Any]) -> Experiment:
    """Starts to try the combinations of a grid.

    Raises:
        ApiError: As ``grid_plan``; nothing is saved then.
    """
    grid = grid_plan(user=user, given=given)
    base = grid.base
    with transaction.atomic():
        experiment = Experiment.objects.create(
            **base.saved(),
            owner=user,
            name=given["name"] or f"{base.flow.name} · {base.dataset.dataset.name}"[:100],
            rows_total=base.runs * len(grid.trials),
            limit=base.runs,
            grid=grid.fields,
            most_cost=given["most_cost"],
            currency=given["currency"].lower(),
            worked_at=timezone.now(),
        )
        Trial.objects.bulk_create(
            [
                Trial(
                    experiment=experiment,
                    number=number,
                    values=one.values,
                    state=TrialState.FAILED if one.error else TrialState.WAITING,
                    error=one.error,
                )
                for number, one in enumerate(grid.trials, 1)
            ],
            batch_size=500,
        )
        transaction.on_commit(lambda: experiment_waits(experiment.id))
    return experiment


def experiment_delete(*, experiment: Experiment) -> None:
    """Removes it with the evaluations of its trials; the runs stay in the list of runs.

    Raises:
        ApiError: 409 ``not_ended``.
    """
    if experiment.state in OPEN:
        raise ApiError(409, "not_ended", "This experiment is still at work.", "Stop it first.")
    with transaction.atomic():
        Evaluation.objects.filter(trial__experiment=experiment).delete()
        experiment.delete()


def with_progress(experiments: QuerySet[Experiment]) -> QuerySet[Experiment]:
    """Adds to each how far it is: ``trials_total``, ``trials_done``, ``best``."""
    return experiments.defer("document").annotate(
        trials_total=Count("trials"),
        trials_done=Count("trials", filter=~Q(trials__state__in=TRIED)),
        best=Max("trials__score", filter=Q(trials__state=TrialState.SUCCEEDED)),
    )


@dataclass(frozen=True)
class Ranked:
    """A trial on the leaderboard."""

    trial: Trial
    rank: int | None
    """From 1; None for one that is not measured."""
    rows_done: int
    front: list[str]
    """The axes on which no other trial is better without being worse in score."""


def figure_of(trial: Trial, axis: str) -> float | None:
    """Returns the mean seconds of a run, or what all runs cost in the currency of ``cost_usd``."""
    if axis == SECONDS:
        return trial.seconds
    cost: float | None = trial.usage.get(axis)
    return cost


def board_of(experiment: Experiment) -> tuple[list[str], list[Ranked]]:
    """Returns what trials can be weighed against their score by, and the trials, the best first."""
    done = Count("evaluation__rows", filter=~Q(evaluation__rows__state__in=AT_WORK))
    trials = list(Trial.objects.filter(experiment=experiment).annotate(done=done))
    measured = [one for one in trials if one.state == TrialState.SUCCEEDED]
    costs = sorted({name for one in measured for name in one.usage if name.startswith(COST)})
    axes = [*costs, *([SECONDS] if any(one.seconds is not None for one in measured) else [])]
    measured.sort(key=lambda one: place(one.score, [figure_of(one, axis) for axis in axes], one.number))
    rest = [one for one in trials if one.state != TrialState.SUCCEEDED]
    ranks = {one.pk: at for at, one in enumerate(measured, 1)}
    fronts = {axis: front_of(measured, axis) for axis in axes}
    return axes, [
        Ranked(
            trial=one,
            rank=ranks.get(one.pk),
            rows_done=getattr(one, "done", 0),
            front=[axis for axis in axes if one.pk in fronts[axis]],
        )
        for one in [*measured, *rest]
    ]


def front_of(trials: Sequence[Trial], axis: str) -> set[int]:
    """Returns the keys of the trials that no other beats on an axis."""
    return front(
        (one.pk, one.score or 0.0, figure) for one in trials if (figure := figure_of(one, axis)) is not None
    )


def trial_apply(*, user: Any, experiment: Experiment, number: int) -> Draft:
    """Writes the settings of a trial into the flow's draft as it is now; nothing else of it changes.

    Raises:
        ApiError: 404 without such a trial; 409 ``not_measured``, or ``node_changed`` where the draft has
            no such setting any more.
    """
    flow = object_for(user, Flow, experiment.flow_id)
    trial = object_for(user, Trial, _key(experiment, number))
    if trial.state != TrialState.SUCCEEDED:
        raise ApiError(409, "not_measured", "This trial is not measured.", "Choose one that has a score.")
    draft = flow.draft
    operations: list[dict[str, Any]] = []
    for one in overrides_of(experiment.grid, trial.values):
        node, frozen = node_at(draft.document, one["node"]), node_at(experiment.document, one["node"])
        if node is None or frozen is None or node["kind"] != frozen["kind"]:
            raise _changed(f"The draft has no node “{one['node']}” of that kind any more.")
        if one["field"] in node.get("wired", ()):
            raise _changed(f"“{one['field']}” of the node “{one['node']}” now comes along a wire.")
        graph: list[str] = []
        for id_ in one["node"].split("/"):
            graph += ["body" if graph else "graph", "nodes", id_]
        place = pointer([*graph, "settings"])
        if "settings" not in node and place not in {done["path"] for done in operations}:
            operations.append({"op": "add", "path": place, "value": {}})
        operations.append({"op": "add", "path": place + pointer([one["field"]]), "value": one["value"]})
    saved, _ = draft_patch(flow=flow, user=user, revision=draft.revision, operations=operations)
    return saved


def _key(experiment: Experiment, number: int) -> int:
    return (
        Trial.objects.filter(experiment=experiment, number=number).values_list("pk", flat=True).first() or 0
    )


def _changed(message: str) -> ApiError:
    return ApiError(409, "node_changed", message, "Set the values by hand, or start again on the draft.")
