"""What can be done to evaluations."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Avg, Count, Q, QuerySet, Sum
from django.utils import timezone

from backend.common.errors import ApiError
from backend.common.objects import object_for
from backend.datasets.models import Dataset, DatasetVersion
from backend.datasets.services import dataset_add, examples_of, folder
from backend.experiments import limits
from backend.experiments.examples import asked_of, example_of_row, words_of
from backend.experiments.hints import evaluation_waits
from backend.experiments.models import Evaluation, EvaluationRow, Trial
from backend.experiments.plans import Planned, evaluation_plan
from backend.experiments.states import AT_WORK, OPEN, EvaluationState, RowState
from backend.experiments.worker import evaluation_close
from backend.runs.models import Run
from backend.runs.services import run_cancel


def with_figures(evaluations: QuerySet[Evaluation]) -> QuerySet[Evaluation]:
    """Adds to each how far it is and what came out: ``rows_done``, ``rows_good``, ``rows_bad``,
    ``rows_failed``, ``score``, ``run_seconds``."""
    return evaluations.defer("document").annotate(
        rows_done=Count("rows", filter=~Q(rows__state__in=AT_WORK)),
        rows_good=Count("rows", filter=Q(rows__good=True)),
        rows_bad=Count("rows", filter=Q(rows__good=False)),
        rows_failed=Count("rows", filter=Q(rows__state=RowState.FAILED)),
        score=Avg("rows__score"),
        run_seconds=Sum("rows__seconds"),
    )


def evaluation_start(*, user: Any, given: dict[str, Any]) -> Evaluation:
    """Starts to measure a flow on a dataset.

    Raises:
        ApiError: As ``evaluation_plan``; nothing is saved then.
    """
    planned = evaluation_plan(user=user, given=given)
    return evaluation_begin(user=user, planned=planned, name=given["name"])


def evaluation_begin(*, user: Any, planned: Planned, name: str = "") -> Evaluation:
    """Starts what was checked before."""
    rows = planned.rows()
    with transaction.atomic():
        evaluation = Evaluation.objects.create(
            **planned.saved(),
            owner=user,
            name=name or f"{planned.flow.name} · {planned.dataset.dataset.name}"[:100],
            overrides=planned.overrides,
            rows_total=len(rows),
            worked_at=timezone.now(),
        )
        EvaluationRow.objects.bulk_create(
            [
                EvaluationRow(
                    evaluation=evaluation,
                    number=row.number,
                    asked=row.messages,
                    expected=row.expected,
                    key=row.key,
                    words=words_of(row.question, row.expected),
                )
                for row in rows
            ],
            batch_size=500,
        )
        transaction.on_commit(lambda: evaluation_waits(evaluation.id))
    return evaluation


def evaluation_cancel(*, evaluation: Evaluation) -> None:
    """Starts no further row and stops those under way; one that is over stays as it is."""
    with transaction.atomic():
        locked = Evaluation.objects.select_for_update().filter(
            id=evaluation.id, state=EvaluationState.RUNNING
        )
        if locked.first() is None:
            return
        Evaluation.objects.filter(id=evaluation.id).update(state=EvaluationState.CANCELLING)
        evaluation.rows.filter(state__in=[RowState.WAITING, RowState.ANSWERED]).update(
            state=RowState.CANCELLED
        )
    for run in Run.objects.filter(id__in=evaluation.rows.filter(state=RowState.RUNNING).values("run_id")):
        run_cancel(run=run)
    evaluation_close(evaluation_id=evaluation.id)


def evaluation_delete(*, evaluation: Evaluation) -> None:
    """Removes what was measured; the runs stay in the list of runs.

    Raises:
        ApiError: 409 ``not_ended``, or ``of_an_experiment``.
    """
    if evaluation.state in OPEN:
        raise ApiError(409, "not_ended", "This evaluation is still at work.", "Stop it first.")
    if Trial.objects.filter(evaluation=evaluation).exists():
        raise ApiError(
            409,
            "of_an_experiment",
            "This evaluation is a trial of an experiment.",
            "Delete the whole experiment instead.",
        )
    evaluation.delete()


def rows_found(*, evaluation: Evaluation, bad: bool, text: str, by: str) -> QuerySet[EvaluationRow]:
    """Returns rows of an evaluation.

    Args:
        bad: Only those that are not good.
        text: Words that all stand in question or answers.
        by: ``number``, ``score`` or ``seconds``; with ``-`` before it the other way round.
    """
    rows = EvaluationRow.objects.filter(evaluation=evaluation)
    if bad:
        rows = rows.filter(good=False)
    for word in text.split()[:8]:
        rows = rows.filter(words__contains=word.casefold())
    name = by.removeprefix("-")
    if name == "number":
        return rows.order_by(by)
    return rows.filter(**{f"{name}__isnull": False}).order_by(by, "number")


def distribution_of(evaluation: Evaluation) -> list[int]:
    """Returns how many scores are in each tenth from 0 to 1; 1 itself is in the last."""
    bins = [0] * limits.BINS
    scores = evaluation.rows.filter(score__isnull=False).values_list("score", flat=True)
    for score in scores:
        bins[min(limits.BINS - 1, int((score or 0.0) * limits.BINS))] += 1
    return bins


def usage_of(evaluation: Evaluation) -> dict[str, float]:
    """Returns what all its runs have used."""
    total: dict[str, float] = {}
    for used in evaluation.rows.values_list("usage", flat=True):
        for name, count in used.items():
            total[name] = round(total.get(name, 0) + count, 9)
    return total


def dataset_of_rows(
    *,
    user: Any,
    evaluation: Evaluation,
    rows: list[dict[str, Any]] | None,
    name: str = "",
    dataset: Any = None,
) -> DatasetVersion:
    """Makes examples to learn from: the questions with the answers that were wanted.

    Args:
        rows: ``number`` of each, with another ``answer`` where the wanted one is to be put right; None for
            all bad ones.
        name: Of a new dataset.
        dataset: Id of one that gets a further version instead, behind the examples of its newest.

    Raises:
        ApiError: 404; 400 ``no_such_row`` with its path; 409 ``nothing_bad`` or ``name_taken``.
    """
    target = object_for(user, Dataset, dataset) if dataset else None
    found = EvaluationRow.objects.filter(evaluation=evaluation)
    if rows is None:
        answers: dict[int, str | None] = dict.fromkeys(
            found.filter(good=False).values_list("number", flat=True)
        )
    else:
        answers = {row["number"]: row.get("answer") for row in rows}
    chosen = {row.number: row for row in found.filter(number__in=list(answers))}
    for at, number in enumerate(answers):
        if number not in chosen:
            raise ApiError(
                400,
                "no_such_row",
                f"The evaluation has no row {number}.",
                "Load its rows again.",
                path=f"/rows/{at}/number",
            )
    if not answers:
        raise ApiError(409, "nothing_bad", "There is no bad row.", "Choose rows by their numbers.")
    examples = [example_of_row(chosen[number], answer) for number, answer in sorted(answers.items())]
    return _kept(user, evaluation, examples, name, target)


def _kept(
    user: Any, evaluation: Evaluation, examples: list[dict[str, Any]], name: str, target: Dataset | None
) -> DatasetVersion:
    newest = target.versions.first() if target else None
    if newest is not None:
        if newest.objective != "sft":
            raise ApiError(
                409,
                "pairs",
                "That dataset holds pairs, to which questions with one answer can't be added.",
                "Make a new dataset.",
                path="/dataset",
            )
        examples = _merged(examples_of(newest), examples)
    with tempfile.TemporaryDirectory(dir=folder()) as place:
        file = Path(place, "rows")
        file.write_text("".join(json.dumps(one) + "\n" for one in examples), "utf-8")
        return dataset_add(
            user=user,
            file=file,
            file_name=f"{evaluation.name[:180]}.jsonl",
            name=name,
            dataset_id=target.pk if target else None,
        )


def _merged(there: list[dict[str, Any]], added: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns both; what is asked in both is answered as in what is added."""
    fresh = {asked_of(0, one).key: one for one in added}
    kept = [fresh.pop(asked_of(0, one).key, one) for one in there]
    return [*kept, *fresh.values()]
