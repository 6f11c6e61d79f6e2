"""The states of an evaluation and of its rows, of an experiment (the same) and of its trials."""

from __future__ import annotations

from django.db.models import TextChoices


class EvaluationState(TextChoices):
    """Where an evaluation stands."""

    RUNNING = "running"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    """Every row is measured, or says why it could not be."""
    CANCELLED = "cancelled"


OPEN = (EvaluationState.RUNNING, EvaluationState.CANCELLING)


class RowState(TextChoices):
    """Where one row stands."""

    WAITING = "waiting"
    RUNNING = "running"
    ANSWERED = "answered"
    """The flow has answered; the answer is not measured yet."""
    SCORED = "scored"
    FAILED = "failed"
    """The run failed, or its answer can't be measured: it counts as 0."""
    CANCELLED = "cancelled"
    """It counts for nothing."""


AT_WORK = (RowState.WAITING, RowState.RUNNING, RowState.ANSWERED)


class TrialState(TextChoices):
    """Where one trial of an experiment stands."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    """The flow can't run with these settings; nothing was started."""
    CANCELLED = "cancelled"
    """Not all of its rows are measured, so that it is not ranked."""
    SKIPPED = "skipped"
    """The money was spent before it was its turn."""


TRIED = (TrialState.WAITING, TrialState.RUNNING)
