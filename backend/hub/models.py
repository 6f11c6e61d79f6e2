"""Connections: addresses where models answer, with keys that are never shown again; what their models
cost; and which model a person takes where nothing else is said."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower


class Connection(models.Model):
    """An address of a person's own."""

    owner_path = "owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="connections")
    name = models.CharField(max_length=60)
    provider = models.CharField(max_length=60)
    base_url = models.CharField(max_length=500, blank=True)
    known_models = models.JSONField(default=list)
    models_at = models.DateTimeField(null=True)
    """When the address was last asked for its models."""
    sealed_proxy = models.TextField(blank=True)
    proxy_shown = models.CharField(max_length=300, blank=True)
    """The proxy without its user and password."""
    limits = models.JSONField(default=dict)
    """``idle_seconds``, ``total_seconds`` and ``per_minute``, where they are not the provider's own."""
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("owner", Lower("name"), name="hub_connection_name_once"),
        ]
        indexes = [models.Index(fields=["owner", "-created_at"], name="hub_connections_recent")]


class KeyState(models.TextChoices):
    """What a key did last."""

    NEW = "new"
    ANSWERED = "answered"
    BUSY = "busy"
    QUOTA = "quota"
    REFUSED = "refused"


class ConnectionKey(models.Model):
    """One of a connection's keys. ``sealed`` opens only for the host it was given for."""

    owner_path = "connection__owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="keys")
    name = models.CharField(max_length=60)
    sealed = models.TextField()
    state = models.CharField(max_length=12, choices=KeyState.choices, default=KeyState.NEW)
    message = models.CharField(max_length=600, blank=True)
    """Why it rests, in words."""
    answered_at = models.DateTimeField(null=True)
    resting_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [models.UniqueConstraint("connection", Lower("name"), name="hub_key_name_once")]


class ModelPrice(models.Model):
    """What a model costs a person, where it is another price than the provider's data say."""

    owner_path = "owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    provider = models.CharField(max_length=60)
    model = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    input = models.FloatField()
    output = models.FloatField(default=0)
    cached = models.FloatField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["provider", "model"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "provider", "model"], name="hub_price_once"),
        ]


class ModelDefaults(models.Model):
    """The models that a person takes where nothing else is said; empty for the built-in ones."""

    owner_path = "owner"

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", primary_key=True
    )
    chat = models.CharField(max_length=300, blank=True)
    embedding = models.CharField(max_length=300, blank=True)
    rerank = models.CharField(max_length=300, blank=True)
