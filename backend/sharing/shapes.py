"""The shapes of links and visits in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from backend.chat.models import Message
from backend.chat.serializers import MAX_TEXT, CitationSerializer, SpokenPartSerializer
from backend.runs.serializers import RecordField
from backend.sharing.models import Share

MOST_ORIGINS = 20


class LinkSerializer(serializers.ModelSerializer[Share]):
    """The link of a flow; `code` is what stands in it, empty until it was opened once."""

    open = serializers.BooleanField(required=False)
    origins = serializers.ListField(
        child=serializers.CharField(max_length=300),
        max_length=MOST_ORIGINS,
        required=False,
        help_text="Sites that may show the chat in a frame, such as https://www.example.org.",
    )

    class Meta:
        model = Share
        fields = ("code", "open", "origins")
        read_only_fields = ("code",)


class SharedFlowSerializer(serializers.Serializer[Any]):
    """What somebody with the link sees of a flow."""

    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    document = RecordField(help_text="How it greets, and which nodes speak; nothing else of it.")


class VisitSerializer(serializers.Serializer[Any]):
    """A visitor's chat; its id is the key to it."""

    id = serializers.UUIDField(read_only=True)
    head = serializers.UUIDField(source="head_id", help_text="The last message of the branch in view.")


class VisitMessageSerializer(serializers.ModelSerializer[Message]):
    """One line of a visitor's chat."""

    parent = serializers.UUIDField(source="parent_id", allow_null=True)  # type: ignore[assignment]
    run_id = serializers.UUIDField(allow_null=True)
    text = serializers.CharField()
    citations = CitationSerializer(many=True)
    parts = SpokenPartSerializer(many=True)

    class Meta:
        model = Message
        fields = ("id", "parent", "role", "text", "citations", "parts", "run_id", "status", "created_at")
        read_only_fields = fields


class VisitSaySerializer(serializers.Serializer[Any]):
    """What a visitor says."""

    text = serializers.CharField(max_length=MAX_TEXT, trim_whitespace=False)
    instead_of = serializers.UUIDField(required=False, help_text="A question that this is asked instead of.")
