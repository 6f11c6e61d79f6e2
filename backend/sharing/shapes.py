"""The shapes of links and visits in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from backend.chat.serializers import MAX_TEXT
from backend.runs.serializers import RecordField
from backend.sharing.models import FlowKey, Share

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


class VisitSaySerializer(serializers.Serializer[Any]):
    """What a visitor says."""

    text = serializers.CharField(max_length=MAX_TEXT, trim_whitespace=False)
    files = serializers.ListField(
        child=serializers.UUIDField(), required=False, help_text="`ref` of what was attached by this link."
    )
    instead_of = serializers.UUIDField(required=False, help_text="A question that this is asked instead of.")


class FlowKeySerializer(serializers.ModelSerializer[FlowKey]):
    """A key that opens one flow to programs."""

    class Meta:
        model = FlowKey
        fields = ("id", "name", "start", "created_at", "last_used_at")
        read_only_fields = ("id", "start", "created_at", "last_used_at")


class NewFlowKeySerializer(FlowKeySerializer):
    """The same, with its text."""

    token = serializers.CharField(read_only=True, help_text="Shown this once.")

    class Meta(FlowKeySerializer.Meta):
        fields = (*FlowKeySerializer.Meta.fields, "token")  # type: ignore[assignment]
