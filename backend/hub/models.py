"""Connections: addresses where models answer, each with a key that is never shown again."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower


class Connection(models.Model):
    """An address of a person's own. ``sealed_key`` opens only for the host it was given for."""

    owner_path = "owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="connections")
    name = models.CharField(max_length=60)
    provider = models.CharField(max_length=60)
    base_url = models.CharField(max_length=500, blank=True)
    sealed_key = models.TextField(blank=True)
    known_models = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("owner", Lower("name"), name="hub_connection_name_once"),
        ]
        indexes = [models.Index(fields=["owner", "-created_at"], name="hub_connections_recent")]
