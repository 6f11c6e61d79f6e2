"""What runs ask people, and what is answered."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from flowloft.core.forms import answer_check
from flowloft.core.memory import TIMED_OUT

from backend.common.errors import ApiError
from backend.runs.models import Question, Run
from backend.runs.queue import announce
from backend.runs.signals import run_woken
from backend.runs.states import TERMINAL, Status
from backend.runs.transitions import run_transition

AT_ONCE = 200


def answers_of(*, run_id: uuid.UUID) -> dict[str, Any]:
    """Returns all answers so far by step, and notes that a worker goes on with them."""
    with transaction.atomic():
        rows = list(Question.objects.filter(run_id=run_id).exclude(answered_at=None))
        # Those that were read and no others: an answer that comes meanwhile must wake the run.
        Question.objects.filter(pk__in=[row.pk for row in rows]).update(taken=True)
    return {row.step: row.answer for row in rows}


def question_answer(*, run: Run, step: str, answer: Any, by: Any) -> Question:
    """Answers a question and takes the run up again. The same answer twice is the same as once.

    Raises:
        ApiError: 404 where it asks nothing of the kind; 409 where it was answered otherwise, or the run
            is over.
        InputError: The answer does not fit, with ``extra.path``.
    """
    with transaction.atomic():
        Run.objects.select_for_update().get(id=run.id)
        question = Question.objects.filter(run=run, step=step).first()
        if question is None:
            raise ApiError(
                404,
                "no_such_question",
                f"The run does not ask anything at “{step}”.",
                "Look at the run's questions.",
                path="/step",
            )
        clean = answer_check(question.asked, answer)
        if question.answered_at is not None:
            if question.answer == clean:
                return question
            raise ApiError(
                409,
                "already_answered",
                "This question has been answered already.",
                "Load the run again to see the answer.",
                path="/answer",
            )
        run.refresh_from_db()
        if run.status in TERMINAL or run.status == Status.CANCELLING:
            raise ApiError(409, "run_is_over", "The run does not wait any more.", "Start it again.")
        question.answer, question.answered_at, question.answered_by = clean, timezone.now(), by
        question.save(update_fields=["answer", "answered_at", "answered_by"])
        run_wake(run_id=run.id)
    return question


def run_wake(*, run_id: uuid.UUID) -> None:
    """Queues a run that waits and has an answer that no worker has seen. Who answers calls it, and who
    puts a run to rest: whichever of them comes last sees what the other did."""
    with transaction.atomic():
        Run.objects.select_for_update().filter(id=run_id).first()
        if not Question.objects.filter(run_id=run_id, taken=False).exclude(answered_at=None).exists():
            return
        run = run_transition(run_id=run_id, to=Status.QUEUED, source=[Status.WAITING])
        if run is not None:
            run_woken.send(Run, run=run)
            transaction.on_commit(lambda: announce(run_id=run.id, queue=run.queue))


def questions_expire(*, now: datetime) -> None:
    """Takes the default answer of questions that nobody answered in time, and wakes runs that were
    answered while their worker was lost."""
    due = Question.objects.filter(
        Q(run__status=Status.WAITING) | Q(run__status=Status.RUNNING), answered_at=None, due_at__lte=now
    )
    for question in list(due.select_related("run")[:AT_ONCE]):
        default = question.asked.get("default")
        with transaction.atomic():
            Run.objects.select_for_update().get(id=question.run_id)
            mine = Question.objects.filter(pk=question.pk, answered_at=None)
            if mine.update(answer=TIMED_OUT if default is None else default, answered_at=now):
                run_wake(run_id=question.run_id)
    stuck = Run.objects.filter(
        status=Status.WAITING, questions__taken=False, questions__answered_at__isnull=False
    )
    for run_id in set(stuck.values_list("id", flat=True)[:AT_ONCE]):
        run_wake(run_id=run_id)
