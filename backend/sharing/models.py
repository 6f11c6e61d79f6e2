"""What is saved of a flow that people without an account may talk with."""

from __future__ import annotations

import secrets
import uuid

from django.db import models


def new_code() -> str:
    """Returns what stands in a link: nobody guesses it, and whoever has it may talk."""
    return secrets.token_urlsafe(16)


class Share(models.Model):
    """The link of a flow. Its published version answers, in its owner's name and at its owner's cost."""

    owner_path = "flow__owner"

    flow = models.OneToOneField(
        "flows.Flow", on_delete=models.CASCADE, primary_key=True, related_name="share"
    )
    code = models.CharField(max_length=32, unique=True, default=new_code)
    open = models.BooleanField(default=False)
    origins = models.JSONField(default=list)
    """Pages that may show the chat in a frame, each as scheme, host and port."""


class Visit(models.Model):
    """A chat that was opened by the link. Its id is the visitor's key to it."""

    session = models.OneToOneField(
        "chat.Session", on_delete=models.CASCADE, primary_key=True, related_name="visit"
    )
    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="visits")


class VisitFile(models.Model):
    """A file that a visitor attached. Only by the link that it came by is it found again."""

    file = models.OneToOneField(
        "files.RunFile", on_delete=models.CASCADE, primary_key=True, related_name="visit"
    )
    share = models.ForeignKey(Share, on_delete=models.CASCADE, related_name="files")


class FlowKey(models.Model):
    """A key for programs that opens one flow as a tool and nothing else. Only its digest is kept."""

    owner_path = "flow__owner"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    flow = models.ForeignKey("flows.Flow", on_delete=models.CASCADE, related_name="keys")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    start = models.CharField(max_length=12)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-created_at", "id")
