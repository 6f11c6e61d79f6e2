"""What is saved of a run. The row of a run is written many times a second, so it stays slim:
what is large and rarely changes stands in tables beside it."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models

from backend.runs.fields import JsonTextField
from backend.runs.states import ACTIVE, Status


class Snapshot(models.Model):
    """A document as it was run, kept once however often it runs."""

    digest = models.CharField(primary_key=True, max_length=64)
    """SHA-256 of the canonical JSON of ``document``."""
    document = JsonTextField()


class Run(models.Model):
    """One execution of a flow. Only ``transitions.py`` changes ``status``, ``fence`` and ``last_seq``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    flow = models.ForeignKey("flows.Flow", on_delete=models.CASCADE, related_name="runs")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    version = models.CharField(max_length=20)
    """``draft`` or the number of a published version."""
    snapshot = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="+")
    graph_sha256 = models.CharField(max_length=64)
    """Of the canonical JSON of the document's ``graph``: equal for runs that mean the same."""
    backend = models.CharField(max_length=40, default="local")
    queue = models.CharField(max_length=40, default="interactive")
    origin = models.CharField(max_length=20, default="api")
    """Where it was started: ``api``, ``editor``, ``chat``, ..."""
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="children")
    """The earlier run that it takes results from."""
    seed = models.BigIntegerField(null=True)
    summary = models.CharField(max_length=1000, default="")
    """The beginnings of what went in and came out, in small letters: what a search of the list looks at."""
    shared = models.BooleanField(default=False)
    """Whether everybody with an account here may look at it."""
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=1)
    fence = models.PositiveIntegerField(default=0)
    """Grows with each claim and each loss; a worker whose number is older writes nothing more."""
    lease_until = models.DateTimeField(null=True)
    """Until then the worker that has it counts as alive."""
    hinted_at = models.DateTimeField(null=True)
    """When workers were last told that it waits."""
    last_seq = models.PositiveIntegerField(default=0)
    outputs = JsonTextField(null=True)
    error = JsonTextField(null=True)
    usage = JsonTextField(default=dict)
    """Sums over its steps once it has ended: tokens, and ``cost_usd`` and the like where prices are known."""
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    owner_path = "owner"

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="run_of_owner"),
            models.Index(fields=["flow", "-created_at"], name="run_of_flow"),
            models.Index(fields=["owner", "status", "-created_at"], name="run_of_status"),
            models.Index(
                fields=["status", "lease_until"],
                name="run_active",
                condition=models.Q(status__in=ACTIVE),
            ),
        ]

    @staticmethod
    def shown_to(user: Any) -> models.Q:
        """Returns which runs of others a person may look at: those that are shared."""
        return models.Q(shared=True) if user.is_authenticated else models.Q(pk__in=[])


class RunDetail(models.Model):
    """What is large in a run, and is read when one is opened."""

    run = models.OneToOneField(Run, on_delete=models.CASCADE, primary_key=True, related_name="detail")
    inputs = JsonTextField()
    facts = JsonTextField(null=True)
    """What it takes to run it again just so: versions, models, switches; see ``facts.py``."""
    part = JsonTextField(null=True)
    """Which part of the flow runs, what stands in for results, where it pauses; see ``parts.py``."""
    state = JsonTextField(null=True)
    """The fold of the events up to ``state_seq``; later events are folded on reading."""
    state_seq = models.PositiveIntegerField(default=0)


class RunEvent(models.Model):
    """One event. ``payload`` is the JSON object of its wire form without ``seq``, ``at``, ``type``."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField()
    type = models.CharField(max_length=20)
    at = models.FloatField()
    """Unix time in seconds."""
    payload = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "seq"], name="one_event_per_seq")]


class StepIntent(models.Model):
    """Written before a step with an effect starts, so that a crash leaves a trace of it; and the
    outputs of a finished step that are too big for its event."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=800)
    """``<path>/<node id>``"""
    repeatable = models.BooleanField()
    idempotency_key = models.CharField(max_length=36)
    finished = models.BooleanField(default=False)
    outputs = models.TextField(null=True)  # noqa: DJ001 - no text is not an empty one
    """JSON object of value by port."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="one_intent_per_step")]


class JournalPage(models.Model):
    """Outputs of many finished steps that were not told as events, for the attempt after a crash."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+")
    text = models.TextField()
    """JSON object of outputs by key of the step."""


class Question(models.Model):
    """What a run asks a person, and the answer. The row outlives workers and restarts."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="questions")
    step = models.CharField(max_length=800)
    """Key of the step; with ``!`` behind it for a pause before it."""
    asked = JsonTextField()
    due_at = models.DateTimeField(null=True)
    """When its default answer is taken."""
    answer = JsonTextField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    """None as well where nobody answered in time."""
    taken = models.BooleanField(default=False)
    """Whether a worker has gone on with the answer."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "step"], name="one_question_per_step")]
        indexes = [
            models.Index(fields=["due_at"], name="question_due", condition=models.Q(answered_at=None)),
        ]


class CachedResult(models.Model):
    """A step's result, found by what it was computed from. Only its owner's runs ever see it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    outputs = models.TextField()
    """JSON object of value by port."""
    size = models.PositiveIntegerField()
    used_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "key"], name="one_result_per_key")]
        indexes = [models.Index(fields=["owner", "-used_at"], name="result_last_used")]
