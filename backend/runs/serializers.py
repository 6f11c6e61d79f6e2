"""The shapes of runs in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from flowloft.core.resources import Resources
from pydantic import ValidationError
from rest_framework import serializers

from backend.common.errors import spec_problems
from backend.runs.log import state_read
from backend.runs.models import Question, Run
from backend.runs.parts import Part
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


@extend_schema_field({"type": "object", "additionalProperties": {"type": "number"}})
class UsageField(serializers.JSONField):
    """Tokens, and cost by currency, of all steps; empty until the run has ended."""


@extend_schema_field(_STATE)
class StateField(serializers.JSONField):
    """The fold of the events."""


class ScopeSerializer(serializers.Serializer[Any]):
    """Which part of the flow runs; at most one of `only`, `until` and `start`."""

    only = serializers.CharField(
        required=False, max_length=64, help_text="This node alone, with `inputs` or those of `from_run`."
    )
    inputs = RecordField(required=False, help_text="By port of the one node.")
    until = serializers.CharField(
        required=False, max_length=64, help_text="This node, and all that it needs."
    )
    start = serializers.CharField(
        required=False,
        max_length=800,
        help_text="This step of `from_run`, such as `ask` or `loop_1[3]/ask`, and all that comes after it.",
    )

    def validate(self, attrs: Any) -> Any:
        if len({"only", "until", "start"} & set(attrs)) > 1:
            raise serializers.ValidationError("Send one of only, until and start.")
        if "inputs" in attrs and "only" not in attrs:
            raise serializers.ValidationError(
                {"inputs": "These are the inputs of the one node; name it in only."}
            )
        return attrs


class EditSerializer(serializers.Serializer[Any]):
    """What if a step of the earlier run had got, or given, something else?"""

    step = serializers.CharField(max_length=800)
    outputs = RecordField(required=False, help_text="By port, in place of what it gave.")
    inputs = RecordField(required=False, help_text="By port, in place of what it got; it runs again.")

    def validate(self, attrs: Any) -> Any:
        if ("outputs" in attrs) == ("inputs" in attrs):
            raise serializers.ValidationError("Send either outputs or inputs.")
        return attrs


class AnswerSerializer(serializers.Serializer[Any]):
    """An answer to what a run asks."""

    step = serializers.CharField(max_length=800, help_text="As the question names it.")
    answer = serializers.JSONField(
        default=dict,
        help_text="For a form values by name, for an approval `decision` and `comment`, at a breakpoint "
        "nothing or other `inputs`.",
    )


class QuestionSerializer(serializers.ModelSerializer[Question]):
    """What a run asks a person."""

    asked = RecordField(help_text="With `kind`: form, approval, breakpoint.")
    answer = serializers.JSONField(allow_null=True)

    class Meta:
        model = Question
        fields = ("step", "asked", "due_at", "answer", "answered_at", "created_at")
        read_only_fields = fields


class DifferenceSerializer(serializers.Serializer[Any]):
    """One thing that is not the same in two runs."""

    name = serializers.CharField()
    left = serializers.JSONField(allow_null=True)
    right = serializers.JSONField(allow_null=True)


class StepDifferenceSerializer(serializers.Serializer[Any]):
    """A step that went differently; null where a run has no such step."""

    step = serializers.CharField()
    left = OutputsField(allow_null=True)
    right = OutputsField(allow_null=True)


class ComparisonSerializer(serializers.Serializer[Any]):
    """What differs between two runs; what is equal is left out."""

    conditions = DifferenceSerializer(many=True)
    inputs = DifferenceSerializer(many=True)
    settings = DifferenceSerializer(many=True)
    outputs = DifferenceSerializer(many=True)
    steps = StepDifferenceSerializer(many=True)
    measures = DifferenceSerializer(many=True)


class StartSerializer(serializers.Serializer[Any]):
    """How a run is started."""

    version = serializers.CharField(
        required=False,
        max_length=20,
        help_text="`draft`, `published` or a number; by default that of `from_run`, else the draft.",
    )
    inputs = RecordField(required=False, help_text="By name; by default those of `from_run`, else none.")
    document = RecordField(required=False, help_text="What is on the canvas and not yet saved.")
    queue = serializers.ChoiceField(choices=["interactive", "batch"], default="interactive")
    origin = serializers.ChoiceField(choices=["api", "editor"], default="api")
    seed = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=2**53 - 1,
        help_text="For models that take one.",
    )
    reuse = serializers.BooleanField(
        default=False, help_text="Takes results that your earlier runs computed from the same inputs."
    )
    pins = serializers.BooleanField(default=False, help_text="Uses the pinned outputs of the draft.")
    from_run = serializers.UUIDField(
        required=False, help_text="An earlier run of the flow: what its steps gave is not computed again."
    )
    scope = ScopeSerializer(required=False)
    edits = EditSerializer(many=True, required=False, max_length=100)  # type: ignore[call-arg]  # taken by the list
    breakpoints = serializers.ListField(
        child=serializers.CharField(max_length=64),
        required=False,
        max_length=500,
        help_text="Nodes before which the run pauses.",
    )
    backend = serializers.UUIDField(
        required=False,
        allow_null=True,
        help_text="Where it runs as a job; by default where `from_run` ran, else where flow, person "
        "or studio have chosen.",
    )
    resources = RecordField(
        required=False, help_text="What such a job gets: cpus, memory, gpus, gpu_type, seconds."
    )

    def validate_resources(self, value: Any) -> Resources:
        try:
            return Resources.model_validate(value)
        except ValidationError as error:
            problems = spec_problems(error)
            raise serializers.ValidationError(
                {problem["path"].strip("/") or "resources": problem["message"] for problem in problems}
            ) from None

    def to_internal_value(self, data: Any) -> Any:
        given = super().to_internal_value(data)
        scope = given.pop("scope", {})
        part = Part(
            **scope,
            edits=tuple(given.pop("edits", ())),
            breakpoints=tuple(given.pop("breakpoints", ())),
            pins=given.pop("pins"),
            reuse=given.pop("reuse"),
        )
        return {**given, "part": part}


class StartedSerializer(serializers.Serializer[Any]):
    """A run that has just been started."""

    id = serializers.UUIDField()
    last_seq = serializers.IntegerField()
    status = serializers.ChoiceField(choices=Status.choices)


class RunSerializer(serializers.ModelSerializer[Run]):
    """A line in the list of runs."""

    flow = serializers.UUIDField(source="flow_id")
    flow_name = serializers.CharField(source="flow.name")
    from_run = serializers.UUIDField(source="parent_id", allow_null=True)
    error = ErrorField()
    usage = UsageField(read_only=True)

    class Meta:
        model = Run
        fields = (
            "id",
            "flow",
            "flow_name",
            "version",
            "graph_sha256",
            "backend",
            "queue",
            "origin",
            "from_run",
            "seed",
            "summary",
            "status",
            "attempt",
            "last_seq",
            "error",
            "usage",
            "created_at",
            "started_at",
            "finished_at",
        )
        read_only_fields = fields


class WholeRunSerializer(RunSerializer):
    """A run with everything known of it; ``state`` is the fold of its events."""

    inputs = RecordField(source="detail.inputs")
    facts = OutputsField(source="detail.facts")
    part = OutputsField(source="detail.part")
    outputs = OutputsField()
    state = StateField(read_only=True)
    owner = serializers.CharField(source="owner.username")
    mine = serializers.SerializerMethodField(help_text="Whether who asks may do something with it.")

    class Meta(RunSerializer.Meta):
        own = ("inputs", "facts", "part", "outputs", "state", "shared", "owner", "mine")
        fields = (*RunSerializer.Meta.fields, *own)  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]

    def get_mine(self, run: Run) -> bool:
        return bool(run.owner == self.context["user"])

    def to_representation(self, instance: Run) -> dict[str, Any]:
        state = state_read(run_id=instance.id).model_dump(mode="json")
        instance.state = state  # type: ignore[attr-defined]
        return super().to_representation(instance)


class ShareSerializer(serializers.Serializer[Any]):
    """Who may look at a run."""

    shared = serializers.BooleanField(help_text="Everybody with an account here, or only its owner.")


class DocumentSerializer(serializers.Serializer[Any]):
    """The flow as it was run."""

    document = RecordField()
