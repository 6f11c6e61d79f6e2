"""A flow has one draft, which changes, and versions, which never do."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models


class Flow(models.Model):
    """What a person has on the start page."""

    owner_path = "owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="flows")
    name = models.CharField(max_length=200)
    description = models.CharField(max_length=2000, blank=True)
    published_version = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["owner", "-updated_at"], name="flows_recent")]


class Draft(models.Model):
    """The drawing as it is being made. ``revision`` counts the saves and guards each one."""

    owner_path = "flow__owner"

    flow = models.OneToOneField(Flow, on_delete=models.CASCADE, primary_key=True, related_name="draft")
    document = models.JSONField()
    revision = models.PositiveIntegerField(default=1)
    node_count = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )


class FlowVersion(models.Model):
    """A frozen drawing with a number. Runs point at it, so it stays as it is."""

    owner_path = "flow__owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    flow = models.ForeignKey(Flow, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    message = models.CharField(max_length=500, blank=True)
    node_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint("flow", "number", name="flows_version_number_once")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A published version never changes.")
        super().save(*args, **kwargs)
