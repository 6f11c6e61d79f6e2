"""The shapes of runs in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backend.runs.log import state_read
from backend.runs.models import Run
from backend.runs.states import Status

_STATE = {"$ref": "#/components/schemas/RunState"}
_ERROR = {"oneOf": [{"$ref": "#/components/schemas/Error"}, {"type": "null"}]}
_RECORD = {"type": "object", "additionalProperties": True}
_RECORD_OR_NULL = {"oneOf": [_RECORD, {"type": "null"}]}


@extend_schema_field(_RECORD)
class RecordField(serializers.JSONField):
    """A JSON object."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise serializers.ValidationError("Send a JSON object.")
        return data


@extend_schema_field(_RECORD_OR_NULL)
class OutputsField(serializers.JSONField):
    """What a run gave, once it has."""


@extend_schema_field(_ERROR)
class ErrorField(serializers.JSONField):
    """Why it failed."""


@extend_schema_field(_STATE)
class StateField(serializers.JSONField):
    """The fold of the events."""


class StartSerializer(serializers.Serializer[Any]):
    """How a run is started."""

    version = serializers.CharField(default="draft", max_length=20)
    inputs = RecordField(default=dict)
    document = RecordField(required=False, help_text="What is on the canvas and not yet saved.")
    queue = serializers.ChoiceField(choices=["interactive", "batch"], default="interactive")


class StartedSerializer(serializers.Serializer[Any]):
    """A run that has just been started."""

    id = serializers.UUIDField()
    last_seq = serializers.IntegerField()
    status = serializers.ChoiceField(choices=Status.choices)


class RunSerializer(serializers.ModelSerializer[Run]):
    """A line in the list of runs."""

    flow = serializers.UUIDField(source="flow_id")
    error = ErrorField()

    class Meta:
        model = Run
        fields = (
            "id",
            "flow",
            "version",
            "graph_sha256",
            "backend",
            "queue",
            "status",
            "attempt",
            "last_seq",
            "error",
            "created_at",
            "started_at",
            "finished_at",
        )
        read_only_fields = fields


class WholeRunSerializer(RunSerializer):
    """A run with everything known of it; ``state`` is the fold of its events."""

    inputs = RecordField(source="detail.inputs")
    outputs = OutputsField()
    state = StateField(read_only=True)

    class Meta(RunSerializer.Meta):
        fields = (*RunSerializer.Meta.fields, "inputs", "outputs", "state")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]

    def to_representation(self, instance: Run) -> dict[str, Any]:
        state = state_read(run_id=instance.id).model_dump(mode="json")
        instance.state = state  # type: ignore[attr-defined]
        return super().to_representation(instance)


class DocumentSerializer(serializers.Serializer[Any]):
    """The flow as it was run."""

    document = RecordField()
