"""What is saved of evaluations: what is measured, how, and what each row gave; and of experiments, which
measure a flow once with each of many settings."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from backend.experiments.states import AT_WORK, OPEN, EvaluationState, RowState, TrialState
from backend.runs.fields import JsonTextField


class Measured(models.Model):
    """A flow, measured on a dataset. It stands on the flow and the examples as they were at the start."""

    owner_path = "owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    flow = models.ForeignKey("flows.Flow", on_delete=models.CASCADE, related_name="+")
    version = models.CharField(max_length=20)
    """``draft`` or the number of a published version."""
    document = JsonTextField()
    """The flow as it was at the start, with the flows that it runs."""
    dataset = models.ForeignKey(
        "datasets.DatasetVersion", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    dataset_name = models.CharField(max_length=120)
    """As it was called at the start, with the number of the version."""
    input = models.CharField(max_length=64)
    """Which input of the flow takes the question."""
    output = models.CharField(max_length=64)
    """Which output of it is the answer."""
    inputs = JsonTextField(default=dict)
    """What all runs get besides, by name."""
    metric = models.CharField(max_length=40)
    settings = models.JSONField(default=dict)
    """Of the metric."""
    threshold = models.FloatField()
    """From which score on a row is good."""
    reuse = models.BooleanField(default=True)
    """Whether results of earlier runs are used."""
    rows_total = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=EvaluationState.choices, default=EvaluationState.RUNNING)
    worked_at = models.DateTimeField(null=True)
    """When somebody last looked after it."""
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        ordering = ["-created_at", "-id"]


class Evaluation(Measured):
    """A flow, measured once."""

    overrides = JsonTextField(default=list)
    """Settings in place of those that are drawn: ``{node, field, value}`` of each."""

    class Meta(Measured.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="evaluation_of_owner"),
            models.Index(fields=["worked_at"], name="evaluation_open", condition=models.Q(state__in=OPEN)),
        ]


class EvaluationRow(models.Model):
    """One example of the dataset, and what the flow made of it."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    """Place of the example in its file, from 1."""
    asked = JsonTextField()
    """The messages before the answer; the last is the question."""
    expected = JsonTextField()
    """The answer that the dataset has."""
    key = models.CharField(max_length=64)
    """SHA-256 of the question and what came before it: the same row in another evaluation."""
    words = models.TextField()
    """Question, expected and given answer in small letters, as a search looks at them."""
    run = models.ForeignKey("runs.Run", null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=12, choices=RowState.choices, default=RowState.WAITING)
    lease_until = models.DateTimeField(null=True)
    """Until then whoever measures the answer counts as alive."""
    answer = JsonTextField(null=True)
    """Text; None while there is none."""
    score = models.FloatField(null=True)
    """From 0 to 1; None where nothing was measured."""
    good = models.BooleanField(null=True)
    reason = models.TextField(blank=True)
    """Why, where the metric says."""
    error = JsonTextField(null=True)
    seconds = models.FloatField(null=True)
    """How long its run took."""
    usage = JsonTextField(default=dict)
    """Of its run."""

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["evaluation", "number"], name="one_row_per_example")]
        indexes = [
            models.Index(
                fields=["evaluation", "state"],
                name="row_at_work",
                condition=models.Q(state__in=AT_WORK),
            ),
            models.Index(fields=["evaluation", "score"], name="row_by_score"),
        ]


class Experiment(Measured):
    """A flow, measured with each combination of some settings."""

    grid = JsonTextField()
    """``{node, field, node_title, field_title, values}`` of each setting that is tried out."""
    limit = models.PositiveIntegerField()
    """Rows of each trial: the first of the dataset."""
    most_cost = models.FloatField(null=True)
    """What all its runs may cost; None for any sum."""
    currency = models.CharField(max_length=3, default="usd")
    """Of that sum, in small letters."""

    class Meta(Measured.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="experiment_of_owner"),
            models.Index(fields=["worked_at"], name="experiment_open", condition=models.Q(state__in=OPEN)),
        ]


class Trial(models.Model):
    """One combination of settings, and how good the flow is with it."""

    owner_path = "experiment__owner"

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="trials")
    number = models.PositiveIntegerField()
    """From 1."""
    values = JsonTextField()
    """One for each setting of the grid, in its order."""
    state = models.CharField(max_length=12, choices=TrialState.choices, default=TrialState.WAITING)
    evaluation = models.OneToOneField(Evaluation, null=True, on_delete=models.SET_NULL, related_name="trial")
    """Where it is measured; None before it is begun."""
    error = JsonTextField(null=True)
    """Why the flow can't run with these."""
    score = models.FloatField(null=True)
    """Mean over its rows, once it has ended."""
    rows_failed = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(null=True)
    """How long a run took, mean over its rows."""
    usage = JsonTextField(default=dict)
    """Of all its runs."""

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["experiment", "number"], name="one_trial_per_number")]
