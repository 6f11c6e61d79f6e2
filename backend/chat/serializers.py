"""The shapes of chats in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.chat.models import Feedback, Message, Session
from backend.files.api import FileSerializer
from backend.runs.serializers import RecordField, StartedSerializer

MAX_TEXT = 100_000
REASONS = ("wrong", "incomplete", "off_topic", "style", "unsafe", "other")


class SessionSerializer(serializers.ModelSerializer[Session]):
    """A chat."""

    flow = serializers.UUIDField(source="flow_id", read_only=True)
    title = serializers.CharField(max_length=200, allow_blank=True, required=False)
    head = serializers.UUIDField(
        source="head_id",
        required=False,
        allow_null=True,
        help_text="The last message of the branch in view; what is said next comes behind it.",
    )

    class Meta:
        model = Session
        fields = ("id", "flow", "title", "head", "created_at", "updated_at")
        read_only_fields = ("id", "flow", "created_at", "updated_at")


class SpokenPartSerializer(serializers.Serializer[Any]):
    """What one node said of an answer."""

    node_id = serializers.CharField()
    title = serializers.CharField()
    text = serializers.CharField()


class CitationSerializer(serializers.Serializer[Any]):
    """Where a part of an answer is from: it has `[1]` where `number` is 1."""

    number = serializers.IntegerField()
    knowledge = serializers.CharField(required=False)
    document_id = serializers.CharField(required=False)
    title = serializers.CharField(required=False)
    chunk_id = serializers.CharField(required=False)
    quote = serializers.CharField(required=False)
    score = serializers.FloatField(required=False, allow_null=True)
    heading_path = serializers.ListField(child=serializers.CharField(), required=False)

    def to_representation(self, instance: Any) -> Any:
        return {name: instance[name] for name in self.fields if name in instance}


class FeedbackSerializer(serializers.ModelSerializer[Feedback]):
    """What a person thinks of an answer."""

    rating = serializers.ChoiceField(choices=Feedback.Rating.choices)
    reason = serializers.ChoiceField(choices=REASONS, required=False, allow_blank=True)
    comment = serializers.CharField(max_length=4_000, required=False, allow_blank=True)
    correction = serializers.CharField(
        max_length=MAX_TEXT, required=False, allow_blank=True, help_text="The answer as it should have been."
    )

    class Meta:
        model = Feedback
        fields = ("rating", "reason", "comment", "correction", "updated_at")
        read_only_fields = ("updated_at",)


_FEEDBACK = {"oneOf": [{"$ref": "#/components/schemas/Feedback"}, {"type": "null"}]}


class MessageSerializer(serializers.ModelSerializer[Message]):
    """One line of a chat."""

    parent = serializers.UUIDField(source="parent_id", allow_null=True)  # type: ignore[assignment]
    run_id = serializers.UUIDField(allow_null=True)
    text = serializers.CharField()
    files = FileSerializer(many=True)
    citations = CitationSerializer(many=True)
    parts = SpokenPartSerializer(many=True, help_text="Who said what, where several nodes may speak.")
    feedback = serializers.SerializerMethodField()

    class Meta:
        model = Message
        fields = (
            "id",
            "parent",
            "role",
            "text",
            "files",
            "citations",
            "parts",
            "feedback",
            "run_id",
            "status",
            "created_at",
        )
        read_only_fields = fields

    @extend_schema_field(_FEEDBACK)
    def get_feedback(self, message: Message) -> Any:
        given = getattr(message, "feedback", None)
        return None if given is None else FeedbackSerializer(given).data


class SaySerializer(serializers.Serializer[Any]):
    """What a person says."""

    text = serializers.CharField(max_length=MAX_TEXT, trim_whitespace=False)
    version = serializers.CharField(default="draft", max_length=20)
    document = RecordField(required=False, help_text="What is on the canvas and not yet saved.")
    files = serializers.ListField(
        child=serializers.UUIDField(), required=False, help_text="`ref` of what was uploaded before."
    )
    instead_of = serializers.UUIDField(
        required=False, help_text="A question that this is asked instead of: a branch beside it."
    )


class SaidSerializer(serializers.Serializer[Any]):
    """The message, and the run that answers it."""

    message = MessageSerializer()
    run = StartedSerializer()


class RatedSerializer(serializers.Serializer[Any]):
    """An answer that a person thought something of, with its question."""

    message = serializers.UUIDField(source="pk")
    session = serializers.UUIDField(source="message.session_id")
    run_id = serializers.UUIDField(source="message.run_id", allow_null=True)
    question = serializers.CharField(source="message.parent.text")
    answer = serializers.CharField(source="message.text")
    rating = serializers.ChoiceField(choices=Feedback.Rating.choices)
    reason = serializers.CharField()
    comment = serializers.CharField()
    correction = serializers.CharField()
    visitor = serializers.BooleanField(
        source="message.session.visitor", help_text="Whether somebody thought so who came by the flow's link."
    )
    updated_at = serializers.DateTimeField()


class DatasetOfFeedbackSerializer(serializers.Serializer[Any]):
    """Where liked and corrected answers are kept: in a new dataset, or as the next version of one."""

    name = serializers.CharField(max_length=100, required=False)
    dataset = serializers.UUIDField(required=False)
    visitors = serializers.BooleanField(
        default=False, help_text="Also what visitors liked and corrected, whom nobody knows."
    )

    def validate(self, attrs: Any) -> Any:
        if ("name" in attrs) == ("dataset" in attrs):
            raise serializers.ValidationError("Send either the name of a new dataset, or dataset.")
        return attrs
