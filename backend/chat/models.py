"""What is saved of a chat."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from backend.runs.fields import JsonTextField


class Session(models.Model):
    """A chat of a person with a flow. Its messages are a tree: a message that was edited, or asked
    again, is a branch beside the first, and nothing is lost."""

    owner_path = "owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    flow = models.ForeignKey("flows.Flow", on_delete=models.CASCADE, related_name="sessions")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    title = models.CharField(max_length=200, blank=True)
    visitor = models.BooleanField(default=False)
    """Whether somebody without an account talks here, by a link of the owner's."""
    head = models.ForeignKey("Message", null=True, on_delete=models.SET_NULL, related_name="+")
    """The last message of the branch in view; what is said next comes behind it."""
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now_add=True)
    """When something was last said."""

    class Meta:
        indexes = [models.Index(fields=["flow", "-updated_at"], name="session_of_flow")]


class Message(models.Model):
    """One line of a chat. What models say may hold characters that a text column refuses."""

    owner_path = "session__owner"

    class Role(models.TextChoices):
        USER = "user"
        ASSISTANT = "assistant"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="messages")
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="children")
    """What it follows; None at the start of the chat."""
    role = models.CharField(max_length=9, choices=Role.choices)
    text = JsonTextField()
    words = models.TextField(default="")
    """Its beginning in small letters: what a search of the chats looks at."""
    files = JsonTextField(default=list)
    """What was attached, each as a flow sees a file."""
    citations = JsonTextField(default=list)
    """Where an answer is from, each as ``flowloft.core.knowledge`` has it."""
    parts = JsonTextField(default=list)
    """Who said what of an answer, where several nodes may speak: ``node_id``, ``title``, ``text``."""
    run = models.ForeignKey("runs.Run", null=True, on_delete=models.SET_NULL, related_name="messages")
    status = models.CharField(max_length=12)
    """Of an answer: that of its run. Of what a person wrote: ``sent``."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["session", "created_at"], name="message_of_session")]
        constraints = [models.UniqueConstraint(fields=["run", "role"], name="one_answer_per_run")]


class Feedback(models.Model):
    """What a person thinks of an answer; kept as an example to learn from."""

    owner_path = "message__session__owner"

    class Rating(models.TextChoices):
        GOOD = "good"
        BAD = "bad"

    message = models.OneToOneField(
        Message, on_delete=models.CASCADE, primary_key=True, related_name="feedback"
    )
    rating = models.CharField(max_length=4, choices=Rating.choices)
    reason = models.CharField(max_length=40, blank=True)
    """``wrong``, ``incomplete``, ``off_topic``, ``style``, ``unsafe`` or ``other``."""
    comment = models.TextField(blank=True)
    correction = models.TextField(blank=True)
    """The answer as it should have been."""
    updated_at = models.DateTimeField(auto_now=True)
