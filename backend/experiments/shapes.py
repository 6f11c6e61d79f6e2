"""How evaluations look in the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from flowloft.experiments.rows import question_of
from rest_framework import serializers

from backend.datasets.shapes import DatasetVersionSerializer
from backend.experiments.models import Evaluation, EvaluationRow
from backend.experiments.states import EvaluationState, RowState
from backend.flows.shapes import PortSerializer
from backend.runs.serializers import ErrorField, RecordField, UsageField

_TEXTS = {"type": "array", "items": {"type": "object", "additionalProperties": True}}


@extend_schema_field(_TEXTS)
class _Messages(serializers.JSONField):
    """Messages of a conversation."""


class MetricSerializer(serializers.Serializer[Any]):
    """A way to say how good an answer is."""

    key = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    good = serializers.FloatField(help_text="From which score on a row is good, unless it is said otherwise.")
    asks_a_model = serializers.BooleanField(help_text="Whether each row takes a call of a model.")
    schema = RecordField(help_text="JSON Schema of its settings.")


@extend_schema_field({})
class AnyField(serializers.JSONField):
    """Any JSON value."""


class OverrideSerializer(serializers.Serializer[Any]):
    """A setting in place of the one that is drawn."""

    node = serializers.CharField(
        max_length=600, help_text="Its id; one inside a container as `container/node`."
    )
    field = serializers.CharField(max_length=80)
    value = AnyField(allow_null=True)


class MeasureFormSerializer(serializers.Serializer[Any]):
    """What is to be measured, and how."""

    flow = serializers.UUIDField()
    version = serializers.CharField(
        max_length=20, default="draft", help_text="`draft`, `published` or a number; frozen at the start."
    )
    dataset = serializers.UUIDField(help_text="Version of a dataset.")
    name = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    input = serializers.CharField(
        max_length=64,
        required=False,
        default="",
        allow_blank=True,
        help_text="Of the flow, for the question.",
    )
    output = serializers.CharField(
        max_length=64, required=False, default="", allow_blank=True, help_text="Of the flow, with the answer."
    )
    inputs = RecordField(required=False, default=dict, help_text="By name: what all runs get besides.")
    metric = serializers.CharField(max_length=40)
    settings = RecordField(required=False, default=dict, help_text="Of the metric.")
    threshold = serializers.FloatField(
        min_value=0,
        max_value=1,
        required=False,
        allow_null=True,
        default=None,
        help_text="From which score on a row is good; by default the metric's.",
    )
    limit = serializers.IntegerField(
        min_value=1, required=False, allow_null=True, default=None, help_text="Only the first rows."
    )


class EvaluationFormSerializer(MeasureFormSerializer):
    """What an evaluation measures."""

    overrides = OverrideSerializer(many=True, required=False, default=list)
    reuse = serializers.BooleanField(default=True, help_text="Whether results of earlier runs are used.")

    def validate_overrides(self, given: list[Any]) -> list[dict[str, Any]]:
        return [dict(one) for one in given]


class EvaluationPlanSerializer(serializers.Serializer[Any]):
    """What would be done, before anything is."""

    runs = serializers.IntegerField()
    takes = PortSerializer(many=True)
    gives = PortSerializer(many=True)
    input = serializers.CharField()
    output = serializers.CharField()
    threshold = serializers.FloatField()
    seconds = serializers.FloatField(allow_null=True, help_text="By earlier runs; null where there are none.")
    usage = UsageField(help_text="By earlier runs.")


class EvaluationSerializer(serializers.ModelSerializer[Evaluation]):
    """An evaluation, and how far it is."""

    flow = serializers.UUIDField(source="flow_id")
    flow_name = serializers.CharField(source="flow.name")
    dataset_version = serializers.UUIDField(source="dataset_id", allow_null=True)
    dataset = serializers.UUIDField(source="dataset.dataset_id", allow_null=True, default=None)
    inputs = RecordField()
    settings = RecordField()
    overrides = OverrideSerializer(many=True)
    experiment = serializers.UUIDField(
        source="trial.experiment_id", allow_null=True, default=None, help_text="Whose trial it is."
    )
    state = serializers.ChoiceField(choices=EvaluationState.choices)
    rows_done = serializers.IntegerField()
    rows_good = serializers.IntegerField()
    rows_bad = serializers.IntegerField()
    rows_failed = serializers.IntegerField()
    score = serializers.FloatField(allow_null=True, help_text="Mean over the rows; one that failed counts 0.")
    run_seconds = serializers.FloatField(allow_null=True, help_text="Of all its runs together.")

    class Meta:
        model = Evaluation
        fields = (
            *("id", "name", "flow", "flow_name", "version", "dataset", "dataset_version", "dataset_name"),
            *("input", "output", "inputs", "metric", "settings", "threshold", "reuse", "state"),
            *("overrides", "experiment"),
            *("rows_total", "rows_done", "rows_good", "rows_bad", "rows_failed", "score", "run_seconds"),
            *("created_at", "finished_at"),
        )


class WholeEvaluationSerializer(EvaluationSerializer):
    """An evaluation with what its rows add up to."""

    distribution = serializers.ListField(
        child=serializers.IntegerField(), help_text="How many scores are in each tenth from 0 to 1."
    )
    usage = UsageField(help_text="Of all its runs.")

    class Meta:
        model = Evaluation
        fields = (*EvaluationSerializer.Meta.fields, "distribution", "usage")


class EvaluationRowSerializer(serializers.ModelSerializer[EvaluationRow]):
    """What one row gave."""

    question = serializers.SerializerMethodField()
    asked = _Messages(help_text="The messages before the answer; the last is the question.")
    expected = serializers.CharField()
    answer = serializers.CharField(allow_null=True)
    run = serializers.UUIDField(source="run_id", allow_null=True)
    state = serializers.ChoiceField(choices=RowState.choices)
    error = ErrorField(allow_null=True)
    usage = UsageField()

    class Meta:
        model = EvaluationRow
        fields = (
            *("number", "question", "asked", "expected", "answer", "state", "score", "good", "reason"),
            *("error", "seconds", "usage", "run"),
        )

    def get_question(self, row: EvaluationRow) -> str:
        return question_of(row.asked)


class ChosenRowSerializer(serializers.Serializer[Any]):
    """A row that is learned from."""

    number = serializers.IntegerField(min_value=1)
    answer = serializers.CharField(
        required=False, allow_null=True, default=None, max_length=200_000, trim_whitespace=False
    )


class RowsDatasetSerializer(serializers.Serializer[Any]):
    """Which rows become examples, and where."""

    rows = ChosenRowSerializer(
        many=True, required=False, allow_null=True, default=None, help_text="All bad ones where left out."
    )
    name = serializers.CharField(max_length=100, required=False, default="", help_text="Of a new dataset.")
    dataset = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="One that gets a further version instead."
    )


class RowsDatasetMadeSerializer(serializers.Serializer[Any]):
    """The dataset that was made."""

    dataset = serializers.UUIDField()
    name = serializers.CharField()
    version = DatasetVersionSerializer()


class ComparedRowSerializer(serializers.Serializer[Any]):
    """One row in both."""

    question = serializers.CharField()
    expected = serializers.CharField()
    left = EvaluationRowSerializer()
    right = EvaluationRowSerializer()
    delta = serializers.FloatField(allow_null=True, help_text="Right minus left.")


class EvaluationComparisonSerializer(serializers.Serializer[Any]):
    """Two evaluations side by side, over the rows that both have."""

    left = EvaluationSerializer()
    right = EvaluationSerializer()
    left_score = serializers.FloatField(allow_null=True)
    right_score = serializers.FloatField(allow_null=True)
    better = serializers.IntegerField()
    worse = serializers.IntegerField()
    same = serializers.IntegerField()
    unmeasured = serializers.IntegerField()
    only_left = serializers.IntegerField(help_text="Rows that the other does not have.")
    only_right = serializers.IntegerField()
    count = serializers.IntegerField(help_text="Of the rows that were asked for, over all pages.")
    rows = ComparedRowSerializer(many=True, help_text="Those that changed most first; a page of them.")
