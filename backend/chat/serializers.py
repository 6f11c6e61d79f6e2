"""The shapes of chats in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from backend.chat.models import Message, Session
from backend.runs.serializers import RecordField, StartedSerializer

MAX_TEXT = 100_000


class SessionSerializer(serializers.ModelSerializer[Session]):
    """A chat."""

    flow = serializers.UUIDField(source="flow_id", read_only=True)
    title = serializers.CharField(max_length=200, allow_blank=True, required=False)

    class Meta:
        model = Session
        fields = ("id", "flow", "title", "created_at", "updated_at")
        read_only_fields = ("id", "flow", "created_at", "updated_at")


class MessageSerializer(serializers.ModelSerializer[Message]):
    """One line of a chat."""

    run_id = serializers.UUIDField(allow_null=True)
    text = serializers.CharField()

    class Meta:
        model = Message
        fields = ("id", "role", "text", "run_id", "status", "created_at")
        read_only_fields = fields


class SaySerializer(serializers.Serializer[Any]):
    """What a person says."""

    text = serializers.CharField(max_length=MAX_TEXT, trim_whitespace=False)
    version = serializers.CharField(default="draft", max_length=20)
    document = RecordField(required=False, help_text="What is on the canvas and not yet saved.")


class SaidSerializer(serializers.Serializer[Any]):
    """The message, and the run that answers it."""

    message = MessageSerializer()
    run = StartedSerializer()
