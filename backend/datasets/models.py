"""What is saved of datasets. The examples lie as files, named by their content."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower


class Dataset(models.Model):
    """A name for examples that grow better: each upload is a version, and versions never change."""

    owner_path = "owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="datasets")
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint("owner", Lower("name"), name="dataset_name_once")]


class DatasetVersion(models.Model):
    """One upload."""

    owner_path = "dataset__owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    """Of the examples in their one form; the name of their file."""
    file_name = models.CharField(max_length=200)
    """As it was called where it came from."""
    examples = models.PositiveIntegerField()
    left_out = models.PositiveIntegerField(default=0)
    """Broken rows that were left out, as the person wanted."""
    objective = models.CharField(max_length=10)
    """``sft`` or ``dpo``."""
    tokens = models.PositiveBigIntegerField()
    """About; a token counts four bytes."""
    longest = models.PositiveIntegerField()
    """Tokens of the longest example, about."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["dataset", "number"], name="dataset_version_once")]
