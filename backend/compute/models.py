"""What is saved of backends and jobs."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from backend.compute.states import ACTIVE, State

LOCAL_ID = uuid.UUID("10ca1000-0000-4000-8000-000000000001")
"""The row of this machine, the same in every studio."""


def new_ticket() -> str:
    """Returns what names one submission towards its backend."""
    return secrets.token_hex(8)


class BackendEntry(models.Model):
    """A backend with its settings. Only its owner, who is the studio's, changes it; those that are
    shared are everybody's to use. This machine belongs to nobody and is always there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="backends"
    )
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=40)
    """The key of the runtime's class."""
    settings = models.JSONField(default=dict)
    """What may be shown; checked by the runtime's class."""
    sealed = models.TextField(blank=True)
    """The secret settings, as JSON; they open only for the same kind and address."""
    python = models.CharField(max_length=500, blank=True)
    """The interpreter there that has Flowloft; empty for this one, or ``python3`` without shared files."""
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    heard_at = models.DateTimeField(null=True)
    """When it last answered for its jobs."""
    silent_since = models.DateTimeField(null=True)
    silence = models.TextField(blank=True)
    """Why it does not answer, in its own words."""
    poller = models.CharField(max_length=100, blank=True)
    """The process that looks after its jobs."""
    poller_until = models.DateTimeField(null=True)
    """Until then that process counts as alive."""

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint("owner", Lower("name"), name="compute_backend_name_once"),
        ]

    @staticmethod
    def visible_to(user: Any) -> models.Q:
        """Returns what a person may use: their own, and those that are shared."""
        return models.Q(owner=user.pk) | models.Q(shared=True)


class BackendChoice(models.Model):
    """Where runs compute when nothing is said: of a flow, of a person, of the whole studio."""

    owner_path = "owner"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    scope = models.CharField(max_length=40)
    """``person``, ``studio``, or the id of a flow."""
    backend = models.ForeignKey(BackendEntry, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "scope"], name="compute_one_choice")]


class ComputeJob(models.Model):
    """One submission. The row is there before the backend hears of it, and its ticket makes sure
    that the backend has it once, whenever the studio dies."""

    owner_path = "owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    backend = models.ForeignKey(BackendEntry, null=True, on_delete=models.SET_NULL, related_name="jobs")
    """Null once the backend was removed; its logs are out of reach then."""
    purpose = models.CharField(max_length=40)
    """Which app it is for: ``run``, ``service``, ``tuning``, ``check``."""
    subject = models.CharField(max_length=100, blank=True)
    """Id of what it is for, within the purpose."""
    name = models.CharField(max_length=60)
    title = models.CharField(max_length=100, blank=True)
    """What people call what it is for; empty where that is its name."""
    device_memory = models.BigIntegerField(null=True)
    """Bytes that it needs on each device, which it then has for itself: where a backend has no queue, such
    jobs wait for one another. None for a job that begins at once."""
    devices = models.JSONField(default=list)
    """What it was given of those: ``processor``, or ``gpu:0`` and so on."""
    spec = models.JSONField()
    """The runtime's ``Job`` without its secrets."""
    sealed = models.TextField(blank=True)
    """The secrets until they were handed over, then empty."""
    ticket = models.CharField(max_length=32, unique=True, default=new_ticket)
    remote_id = models.CharField(max_length=300, blank=True)
    """What the backend calls it."""
    follow = models.BooleanField(default=False)
    """Whether somebody is told what it writes (``job_wrote``)."""
    state = models.CharField(max_length=12, choices=State.choices, default=State.SUBMITTING)
    reason = models.CharField(max_length=20, blank=True)
    """Why it ended, one of the runtime's ``Reason``; empty before that."""
    exit_code = models.IntegerField(null=True)
    message = models.TextField(blank=True)
    """In the backend's own words: why it waits, or why it ended."""
    hint = models.TextField(blank=True)
    """What those words mean and what to do, where that is known."""
    place = models.CharField(max_length=300, blank=True)
    log_offset = models.BigIntegerField(default=0)
    """Bytes of its log that ``job_wrote`` has told."""
    tries = models.PositiveIntegerField(default=0)
    """How often it was handed over; more than 1 after a backend that was silent, or a crash."""
    tried_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="compute_jobs_of_owner"),
            models.Index(fields=["purpose", "subject"], name="compute_jobs_of_subject"),
            models.Index(
                fields=["backend"], name="compute_jobs_active", condition=models.Q(state__in=ACTIVE)
            ),
        ]

    @property
    def ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.state not in ACTIVE
