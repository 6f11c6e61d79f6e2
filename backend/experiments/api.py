"""Evaluations over REST."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from flowloft.core.metric import METRICS
from rest_framework import generics
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.errors import ApiError
from backend.common.objects import object_for, objects_of
from backend.experiments import services, shapes
from backend.experiments.comparison import SHOWN, figures_of, pairs_of, rows_compared
from backend.experiments.models import Evaluation, EvaluationRow
from backend.experiments.plans import estimate_of, evaluation_plan

_ORDERS = [f"{sign}{name}" for name in ("number", "score", "seconds") for sign in ("", "-")]


class Metrics(APIView):
    """The ways to say how good an answer is."""

    @extend_schema(operation_id="metrics_list", responses=shapes.MetricSerializer(many=True))
    def get(self, request: Request) -> Response:
        found = [
            {
                "key": key,
                "title": kind.title,
                "summary": kind.about(),
                "good": kind.good,
                "asks_a_model": kind.asks_a_model,
                "schema": kind.model_json_schema(),
            }
            for key, kind in METRICS.all().items()
        ]
        return Response(shapes.MetricSerializer(found, many=True).data)


class Evaluations(generics.ListAPIView[Evaluation]):
    """A person's evaluations, and new ones."""

    serializer_class = shapes.EvaluationSerializer

    def get_queryset(self) -> QuerySet[Evaluation]:
        found = objects_of(self.request.user, Evaluation).select_related("flow", "dataset", "trial")
        if "experiment" in (asked := self.request.query_params):
            found = found.filter(trial__experiment_id=id_of(asked["experiment"], "experiment"))
        else:
            found = found.filter(trial=None)
        if "flow" in asked:
            found = found.filter(flow_id=id_of(asked["flow"], "flow"))
        return services.with_figures(found)

    @extend_schema(
        operation_id="evaluations_list",
        parameters=[
            OpenApiParameter("flow", UUID, description="Only of this flow."),
            OpenApiParameter(
                "experiment", UUID, description="Those that are its trials; without, those that are none."
            ),
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="evaluation_start",
        request=shapes.EvaluationFormSerializer,
        responses={201: shapes.WholeEvaluationSerializer},
    )
    def post(self, request: Request) -> Response:
        form = shapes.EvaluationFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        made = services.evaluation_start(user=request.user, given=form.validated_data)
        return Response(_whole(request.user, made.id), status=201)


def id_of(text: str, name: str) -> UUID:
    """Reads an id of the address.

    Raises:
        ApiError: 400 with its name as the path.
    """
    try:
        return UUID(text)
    except ValueError:
        raise ApiError(400, "invalid_input", f"“{text}” is no id.", "", path=f"/{name}") from None


def _found(user: Any, id: UUID) -> Evaluation:
    every = services.with_figures(Evaluation.objects.select_related("flow", "dataset", "trial"))
    return object_for(user, Evaluation, id, every)


def _whole(user: Any, id: UUID) -> Any:
    found: Any = _found(user, id)
    found.distribution = services.distribution_of(found)
    found.usage = services.usage_of(found)
    return shapes.WholeEvaluationSerializer(found).data


class EvaluationPlan(APIView):
    """What an evaluation would do; nothing is started and nothing saved."""

    @extend_schema(
        operation_id="evaluation_plan",
        request=shapes.EvaluationFormSerializer,
        responses=shapes.EvaluationPlanSerializer,
    )
    def post(self, request: Request) -> Response:
        form = shapes.EvaluationFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        planned = evaluation_plan(user=request.user, given=form.validated_data)
        estimate = {"seconds": None, "usage": {}} | estimate_of(planned)
        told = {
            name: getattr(planned, name)
            for name in ("runs", "takes", "gives", "input", "output", "threshold")
        }
        return Response(shapes.EvaluationPlanSerializer(told | estimate).data)


class OneEvaluation(APIView):
    """One evaluation."""

    @extend_schema(operation_id="evaluation_get", responses=shapes.WholeEvaluationSerializer)
    def get(self, request: Request, id: UUID) -> Response:
        return Response(_whole(request.user, id))

    @extend_schema(operation_id="evaluation_delete", request=None, responses={204: None})
    def delete(self, request: Request, id: UUID) -> Response:
        services.evaluation_delete(evaluation=object_for(request.user, Evaluation, id))
        return Response(status=204)


class CancelEvaluation(APIView):
    """Stops an evaluation; on one that is over it changes nothing."""

    @extend_schema(operation_id="evaluation_cancel", request=None, responses=shapes.WholeEvaluationSerializer)
    def post(self, request: Request, id: UUID) -> Response:
        services.evaluation_cancel(evaluation=object_for(request.user, Evaluation, id))
        return Response(_whole(request.user, id))


class RowPages(LimitOffsetPagination):
    """Rows stay where they are, so that pages can be counted."""

    default_limit = 50
    max_limit = 200


class EvaluationRows(generics.ListAPIView[EvaluationRow]):
    """What each row gave."""

    serializer_class = shapes.EvaluationRowSerializer
    pagination_class = RowPages

    @extend_schema(
        operation_id="evaluation_rows",
        parameters=[
            OpenApiParameter("bad", bool, description="Only those that are not good."),
            OpenApiParameter("q", str, description="Words that all stand in question or answers."),
            OpenApiParameter("order", str, enum=_ORDERS, description="By default as in the dataset."),
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[EvaluationRow]:
        evaluation = object_for(self.request.user, Evaluation, self.kwargs["id"])
        asked = self.request.query_params
        order = asked.get("order", "number")
        if order not in _ORDERS:
            raise ApiError(
                400,
                "invalid_input",
                f"“{order}” is no order.",
                f"There are: {', '.join(_ORDERS)}.",
                path="/order",
            )
        return services.rows_found(
            evaluation=evaluation,
            bad=asked.get("bad", "").lower() in ("1", "true"),
            text=asked.get("q", "").replace("\0", " "),
            by=order,
        )


class RowsDataset(APIView):
    """Makes examples to learn from of rows."""

    @extend_schema(
        operation_id="evaluation_dataset",
        request=shapes.RowsDatasetSerializer,
        responses={201: shapes.RowsDatasetMadeSerializer},
    )
    def post(self, request: Request, id: UUID) -> Response:
        evaluation = object_for(request.user, Evaluation, id)
        form = shapes.RowsDatasetSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        made = services.dataset_of_rows(user=request.user, evaluation=evaluation, **form.validated_data)
        told = {"dataset": made.dataset_id, "name": made.dataset.name, "version": made}
        return Response(shapes.RowsDatasetMadeSerializer(told).data, status=201)


class CompareEvaluations(APIView):
    """Two evaluations side by side."""

    @extend_schema(
        operation_id="evaluations_compare",
        parameters=[
            OpenApiParameter("shown", str, enum=SHOWN, description="Which rows; by default all."),
            OpenApiParameter("limit", int, description=f"By default {RowPages.default_limit}."),
            OpenApiParameter("offset", int),
        ],
        responses=shapes.EvaluationComparisonSerializer,
    )
    def get(self, request: Request, id: UUID, other: UUID) -> Response:
        shown = request.query_params.get("shown", "all")
        if shown not in SHOWN:
            raise ApiError(
                400,
                "invalid_input",
                f"“{shown}” is none of the rows that can be asked for.",
                f"There are: {', '.join(SHOWN)}.",
                path="/shown",
            )
        sides = {"left": _found(request.user, id), "right": _found(request.user, other)}
        pairs = pairs_of(**sides)
        wanted = [pair for pair in pairs if pair.is_shown(shown)]
        told = figures_of(**sides, pairs=pairs) | {"count": len(wanted)}
        page = RowPages().paginate_queryset(wanted, request) or []
        told["rows"] = rows_compared(**sides, pairs=page)
        return Response(shapes.EvaluationComparisonSerializer(told).data)
