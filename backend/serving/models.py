"""What is saved of local models and services."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower

from backend.compute.models import BackendEntry, ComputeJob
from backend.serving.states import State


class LocalWeights(models.Model):
    """A folder of weights that a person brought, or that was made here."""

    owner_path = "owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    path = models.CharField(max_length=1000)
    facts = models.JSONField()
    """The runtime's ``ModelFacts``, as they were read when it was added."""
    allow_code = models.BooleanField(default=False)
    allow_pickle = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint("owner", Lower("name"), name="serving_weights_name_once"),
            models.UniqueConstraint(fields=["owner", "path"], name="serving_weights_path_once"),
        ]


class Service(models.Model):
    """A server that answers with a local model. The row is the truth; the job is how it runs now."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="services")
    name = models.CharField(max_length=60)
    """First part of its model reference."""
    weights = models.ForeignKey(LocalWeights, on_delete=models.PROTECT, related_name="services")
    shared = models.BooleanField(default=False)
    framework = models.CharField(max_length=40)
    serving = models.JSONField()
    """The runtime's ``Serving``."""
    reason = models.TextField()
    rejected = models.JSONField(default=list)
    chosen = models.BooleanField(default=False)
    """Whether a person named the framework."""
    backend = models.ForeignKey(BackendEntry, null=True, on_delete=models.SET_NULL, related_name="+")
    job = models.ForeignKey(ComputeJob, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=12, choices=State.choices, default=State.STOPPED)
    message = models.TextField(blank=True)
    """Why it stands as it does, with the last words of its engine after a fall."""
    sealed_key = models.TextField(blank=True)
    url = models.CharField(max_length=300, blank=True)
    """Where its door answers now."""
    adapters = models.JSONField(default=list)
    """Adapters that are loaded, each with ``name`` and ``path``."""
    idle_seconds = models.PositiveIntegerField(default=0)
    restarts = models.PositiveIntegerField(default=0)
    next_start_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    misses = models.PositiveIntegerField(default=0)
    """Looks at its health in a row that it did not answer."""
    log_tail = models.TextField(blank=True)
    samples = models.JSONField(default=list)
    """What its engine measured lately, oldest first."""
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [models.UniqueConstraint("owner", Lower("name"), name="serving_service_name_once")]

    @staticmethod
    def visible_to(user: Any) -> models.Q:
        """Returns what a person may ask: their own, and those that are shared."""
        return models.Q(owner=user.pk) | models.Q(shared=True)


class Rate(models.Model):
    """What a place of computing costs a person, as the person wrote it down; estimates are made with it."""

    owner_path = "owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    place = models.CharField(max_length=300)
    """Id of a backend, whose rate is for an hour, of each GPU where it uses some; or
    ``<connection>/<model>`` of one that a vendor trains, for a million trained tokens."""
    currency = models.CharField(max_length=3)
    amount = models.FloatField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["owner", "place"], name="serving_rate_once")]


class Measurement(models.Model):
    """How fast an embedding or reranking model answered, where it was tried."""

    owner_path = "owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    ref = models.CharField(max_length=300)
    """``<connection>/<model>``."""
    dimensions = models.PositiveIntegerField(default=0)
    """Numbers of a vector; 0 for a model that reranks."""
    texts_per_second = models.FloatField()
    measured_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["ref"]
        constraints = [models.UniqueConstraint(fields=["owner", "ref"], name="serving_measurement_once")]
