"""What is saved of fine-tunes. What they leave lies in a folder of their own."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class TuneState(models.TextChoices):
    """Where a fine-tune stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = (TuneState.SUCCEEDED, TuneState.FAILED, TuneState.CANCELLED)


class Tune(models.Model):
    """One fine-tune. It may take several jobs: one that was interrupted goes on where it was."""

    owner_path = "owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tunes")
    name = models.CharField(max_length=100)
    base = models.CharField(max_length=200)
    """Name of the model's folder in the store, or ``<connection>/<model>`` of one at a vendor."""
    version = models.ForeignKey(
        "datasets.DatasetVersion", null=True, on_delete=models.SET_NULL, related_name="tunes"
    )
    wish = models.JSONField(default=dict)
    validation = models.FloatField(default=0)
    """Part of the examples that is kept apart to measure on."""
    plan = models.JSONField()
    reason = models.TextField()
    """Why this framework and these values."""
    job = models.ForeignKey("compute.ComputeJob", null=True, on_delete=models.SET_NULL, related_name="+")
    """The newest; none for one at a vendor."""
    connection = models.ForeignKey("hub.Connection", null=True, on_delete=models.SET_NULL, related_name="+")
    """Where it is done, if at a vendor."""
    sent_at = models.DateTimeField(null=True)
    """When the vendor was first asked for it: noted before, so that it is never asked for twice."""
    remote_id = models.CharField(max_length=200, blank=True)
    """What the vendor calls it."""
    looked_at = models.DateTimeField(null=True)
    """When the vendor was last asked how it stands."""
    model = models.CharField(max_length=300, blank=True)
    """What a vendor has made, as flows name it."""
    state = models.CharField(max_length=12, choices=TuneState.choices, default=TuneState.QUEUED)
    error = models.JSONField(null=True)
    progress = models.JSONField(default=dict)
    """The newest step it told."""
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    @property
    def online(self) -> bool:
        """Whether a vendor does it."""
        return bool(self.plan.get("trainer") == "online")


class TuneRecord(models.Model):
    """One thing that a trainer told, as ``core/trainer.py`` names them.

    A fine-tune that goes on from a checkpoint tells some steps again: the newer of two counts.
    """

    owner_path = "tune__owner"

    id = models.BigAutoField(primary_key=True)
    tune = models.ForeignKey(Tune, on_delete=models.CASCADE, related_name="records")
    kind = models.CharField(max_length=20)
    facts = models.JSONField()

    class Meta:
        ordering = ["id"]
