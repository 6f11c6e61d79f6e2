"""How experiments look in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from backend.experiments import limits
from backend.experiments.models import Experiment
from backend.experiments.shapes import AnyField, MeasureFormSerializer
from backend.experiments.states import EvaluationState, TrialState
from backend.runs.serializers import ErrorField, RecordField, UsageField


class GridFieldSerializer(serializers.Serializer[Any]):
    """A setting of a node, and the values that are tried."""

    node = serializers.CharField(
        max_length=600, help_text="Its id; one inside a container as `container/node`."
    )
    field = serializers.CharField(max_length=80)
    values = serializers.ListField(
        child=AnyField(allow_null=True), min_length=1, max_length=limits.MOST_VALUES
    )


class ExperimentFormSerializer(MeasureFormSerializer):
    """What is tried, and on what."""

    grid = serializers.ListField(child=GridFieldSerializer(), min_length=1, max_length=limits.MOST_FIELDS)
    reuse = serializers.BooleanField(
        default=False,
        help_text="Whether results of earlier runs are used: faster, but times and costs then leave out "
        "what was computed before.",
    )
    most_trials = serializers.IntegerField(
        min_value=1,
        required=False,
        allow_null=True,
        default=None,
        help_text="Of the combinations, drawn over the whole grid; all where left out.",
    )
    most_cost = serializers.FloatField(
        min_value=0,
        required=False,
        allow_null=True,
        default=None,
        help_text="Once the runs have cost this much, what is left is skipped.",
    )
    currency = serializers.RegexField(r"^[A-Za-z]{3}$", default="usd", help_text="Of that sum.")

    def validate_grid(self, given: list[Any]) -> list[dict[str, Any]]:
        return [dict(one) for one in given]


class ExperimentPlanSerializer(serializers.Serializer[Any]):
    """What would be tried, before anything is."""

    combinations = serializers.IntegerField(help_text="All that the grid has.")
    trials = serializers.IntegerField(help_text="Those that are tried.")
    impossible = serializers.IntegerField(help_text="Those of them with which the flow can't run.")
    why_impossible = serializers.CharField(help_text="Of the first of them.")
    rows = serializers.IntegerField(help_text="Of each trial.")
    runs = serializers.IntegerField(help_text="Of all.")
    input = serializers.CharField()
    output = serializers.CharField()
    seconds = serializers.FloatField(allow_null=True, help_text="By earlier runs; null where there are none.")
    usage = UsageField(help_text="By earlier runs.")


class SearchedFieldSerializer(GridFieldSerializer):
    """A setting that is tried out, with its names."""

    node_title = serializers.CharField()
    field_title = serializers.CharField()


class ExperimentSerializer(serializers.ModelSerializer[Experiment]):
    """An experiment, and how far it is."""

    flow = serializers.UUIDField(source="flow_id")
    flow_name = serializers.CharField(source="flow.name")
    dataset_version = serializers.UUIDField(source="dataset_id", allow_null=True)
    dataset = serializers.UUIDField(source="dataset.dataset_id", allow_null=True, default=None)
    inputs = RecordField()
    settings = RecordField()
    grid = SearchedFieldSerializer(many=True)
    state = serializers.ChoiceField(choices=EvaluationState.choices)
    trials_total = serializers.IntegerField()
    trials_done = serializers.IntegerField()
    best = serializers.FloatField(allow_null=True, help_text="The best score so far.")

    class Meta:
        model = Experiment
        fields = (
            *("id", "name", "flow", "flow_name", "version", "dataset", "dataset_version", "dataset_name"),
            *("input", "output", "inputs", "metric", "settings", "threshold", "reuse", "limit", "grid"),
            *("most_cost", "currency", "state", "trials_total", "trials_done", "best"),
            *("created_at", "finished_at"),
        )


class TrialSerializer(serializers.Serializer[Any]):
    """A trial on the leaderboard."""

    number = serializers.IntegerField(source="trial.number")
    rank = serializers.IntegerField(allow_null=True, help_text="1 is the best; null without a score.")
    values = serializers.ListField(
        child=AnyField(allow_null=True), source="trial.values", help_text="In the order of the grid."
    )
    state = serializers.ChoiceField(choices=TrialState.choices, source="trial.state")
    evaluation = serializers.UUIDField(source="trial.evaluation_id", allow_null=True)
    error = ErrorField(source="trial.error", allow_null=True)
    score = serializers.FloatField(source="trial.score", allow_null=True)
    rows_done = serializers.IntegerField()
    rows_failed = serializers.IntegerField(source="trial.rows_failed")
    seconds = serializers.FloatField(
        source="trial.seconds", allow_null=True, help_text="Of a run, mean over the rows."
    )
    usage = UsageField(source="trial.usage", help_text="Of all its runs.")
    front = serializers.ListField(
        child=serializers.CharField(),
        help_text="On which of the axes no other trial scores as well for less: its Pareto fronts.",
    )


class WholeExperimentSerializer(ExperimentSerializer):
    """An experiment with its leaderboard."""

    axes = serializers.ListField(
        child=serializers.CharField(),
        help_text="What a score can be weighed against: `cost_usd` and the like, and `seconds`.",
    )
    usage = UsageField(help_text="Of all its runs so far.")
    trials = TrialSerializer(many=True, help_text="The best first; those without a score at the end.")

    class Meta:
        model = Experiment
        fields = (*ExperimentSerializer.Meta.fields, "axes", "usage", "trials")


class ApplySerializer(serializers.Serializer[Any]):
    """Which trial's settings go into the draft."""

    trial = serializers.IntegerField(min_value=1, help_text="Its number.")


class AppliedSerializer(serializers.Serializer[Any]):
    """The draft after that."""

    flow = serializers.UUIDField()
    revision = serializers.IntegerField()
