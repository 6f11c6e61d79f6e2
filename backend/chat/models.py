"""What is saved of a chat."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from backend.runs.fields import JsonTextField


class Session(models.Model):
    """A chat of a person with a flow."""

    owner_path = "owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    flow = models.ForeignKey("flows.Flow", on_delete=models.CASCADE, related_name="sessions")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now_add=True)
    """When something was last said."""

    class Meta:
        indexes = [models.Index(fields=["flow", "-updated_at"], name="session_of_flow")]


class Message(models.Model):
    """One line of a chat. What models say may hold characters that a text column refuses."""

    class Role(models.TextChoices):
        USER = "user"
        ASSISTANT = "assistant"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="messages")
    role = models.CharField(max_length=9, choices=Role.choices)
    text = JsonTextField()
    run = models.ForeignKey("runs.Run", null=True, on_delete=models.SET_NULL, related_name="messages")
    status = models.CharField(max_length=12)
    """Of an answer: that of its run. Of what a person wrote: ``sent``."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["session", "created_at"], name="message_of_session")]
        constraints = [models.UniqueConstraint(fields=["run", "role"], name="one_answer_per_run")]
