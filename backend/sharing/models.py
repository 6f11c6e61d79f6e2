"""What is saved of a flow that people without an account may talk with."""

from __future__ import annotations

import secrets

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
