"""Export jobs, and where imported flows came from."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from backend.exports.states import ACTIVE, Form, JobState


class ExportJob(models.Model):
    """One export on its way to a file. Only ``transitions.py`` changes ``state`` and ``fence``."""

    owner_path = "owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    form = models.CharField(max_length=20, choices=Form.choices)
    request = models.JSONField()
    """What was asked for, in full."""
    flows = models.JSONField(default=list)
    """``{id, name, version}`` of each flow asked for, as they were called then."""
    idempotency_key = models.CharField(max_length=200, blank=True)
    fingerprint = models.CharField(max_length=64, db_index=True)
    """SHA-256 of everything that goes into the file: equal content needs no second file."""
    state = models.CharField(max_length=12, choices=JobState.choices, default=JobState.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=1)
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    hinted_at = models.DateTimeField(null=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    """Bytes written so far, and in all."""
    warnings = models.JSONField(default=list)
    error = models.JSONField(null=True)
    name = models.CharField(max_length=200, blank=True)
    stored = models.CharField(max_length=100, blank=True)
    """The file in the folder of exports."""
    size = models.PositiveBigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="exports_recent"),
            models.Index(
                fields=["state", "lease_until"],
                name="exports_active",
                condition=models.Q(state__in=ACTIVE),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "idempotency_key"],
                condition=~models.Q(idempotency_key=""),
                name="exports_key_once",
            ),
        ]


class Origin(models.Model):
    """Under which key an imported thing came, so that it is known again when it comes once more, and
    leaves under the same key. The thing may be gone since."""

    owner_path = "owner"

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    type = models.CharField(max_length=40)
    """``flow``, ``knowledge_base``, ..."""
    object_id = models.UUIDField()
    key = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint("type", "object_id", name="exports_origin_once")]
        indexes = [models.Index(fields=["owner", "type", "key"], name="exports_origin_key")]
