"""What is saved of a file; its content lies in ``run-files`` of the data directory, under its id."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models


class RunFile(models.Model):
    """A file that a person uploaded for a run."""

    owner_path = "owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    """Bytes."""
    used = models.BooleanField(default=False)
    """Whether something refers to it; else it goes after a day."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["owner", "used", "created_at"], name="file_unused")]
