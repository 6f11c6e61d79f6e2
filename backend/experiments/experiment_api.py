"""Experiments over REST: grid search over the settings of a flow."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.objects import object_for, objects_of
from backend.experiments import experiment_shapes as shapes
from backend.experiments import searching, trials
from backend.experiments.api import id_of
from backend.experiments.grid import grid_plan
from backend.experiments.models import Experiment


class Experiments(generics.ListAPIView[Experiment]):
    """A person's experiments, and new ones."""

    serializer_class = shapes.ExperimentSerializer

    def get_queryset(self) -> QuerySet[Experiment]:
        found = objects_of(self.request.user, Experiment).select_related("flow", "dataset")
        if "flow" in (asked := self.request.query_params):
            found = found.filter(flow_id=id_of(asked["flow"], "flow"))
        return searching.with_progress(found)

    @extend_schema(
        operation_id="experiments_list",
        parameters=[OpenApiParameter("flow", UUID, description="Only of this flow.")],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="experiment_start",
        request=shapes.ExperimentFormSerializer,
        responses={201: shapes.WholeExperimentSerializer},
    )
    def post(self, request: Request) -> Response:
        form = shapes.ExperimentFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        made = searching.experiment_start(user=request.user, given=form.validated_data)
        return Response(_whole(request.user, made.id), status=201)


def _whole(user: Any, id: UUID) -> Any:
    every = searching.with_progress(Experiment.objects.select_related("flow", "dataset"))
    found: Any = object_for(user, Experiment, id, every)
    axes, ranked = searching.board_of(found)

    return {
        **shapes.ExperimentSerializer(found).data,
        "axes": axes,
        "usage": trials.spent_of(found),
        "trials": shapes.TrialSerializer(ranked, many=True).data,
    }


class ExperimentPlan(APIView):
    """What an experiment would try; nothing is started and nothing saved."""

    @extend_schema(
        operation_id="experiment_plan",
        request=shapes.ExperimentFormSerializer,
        responses=shapes.ExperimentPlanSerializer,
    )
    def post(self, request: Request) -> Response:
        form = shapes.ExperimentFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        grid = grid_plan(user=request.user, given=form.validated_data)
        wrong = next((one.error for one in grid.trials if one.error), None)
        told = {
            "combinations": grid.combinations,
            "trials": len(grid.trials),
            "impossible": len(grid.trials) - grid.possible,
            "why_impossible": wrong["message"] if wrong else "",
            "rows": grid.base.runs,
            "runs": grid.runs,
            "input": grid.base.input,
            "output": grid.base.output,
            **grid.estimate(),
        }
        return Response(shapes.ExperimentPlanSerializer(told).data)


class OneExperiment(APIView):
    """One experiment with its leaderboard."""

    @extend_schema(operation_id="experiment_get", responses=shapes.WholeExperimentSerializer)
    def get(self, request: Request, id: UUID) -> Response:
        return Response(_whole(request.user, id))

    @extend_schema(operation_id="experiment_delete", request=None, responses={204: None})
    def delete(self, request: Request, id: UUID) -> Response:
        searching.experiment_delete(experiment=object_for(request.user, Experiment, id))
        return Response(status=204)


class CancelExperiment(APIView):
    """Stops an experiment; on one that is over it changes nothing."""

    @extend_schema(operation_id="experiment_cancel", request=None, responses=shapes.WholeExperimentSerializer)
    def post(self, request: Request, id: UUID) -> Response:
        trials.experiment_cancel(experiment=object_for(request.user, Experiment, id))
        return Response(_whole(request.user, id))


class ApplyTrial(APIView):
    """Writes the settings of a trial into the flow's draft."""

    @extend_schema(
        operation_id="experiment_apply",
        request=shapes.ApplySerializer,
        responses=shapes.AppliedSerializer,
    )
    def post(self, request: Request, id: UUID) -> Response:
        experiment = object_for(request.user, Experiment, id)
        form = shapes.ApplySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        draft = searching.trial_apply(
            user=request.user, experiment=experiment, number=form.validated_data["trial"]
        )
        told = {"flow": experiment.flow_id, "revision": draft.revision}
        return Response(shapes.AppliedSerializer(told).data)
