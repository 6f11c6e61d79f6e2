"""Fine-tunes over REST."""

from __future__ import annotations

import itertools
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from flowloft.core.trainer import TuneWish
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.objects import object_for, objects_of
from backend.compute.models import BackendEntry
from backend.compute.services import backends_of
from backend.datasets.models import DatasetVersion
from backend.serving.models import Service
from backend.tuning import services, shapes
from backend.tuning.asking import answer_of
from backend.tuning.models import Tune


class Bases(APIView):
    """The models that could be trained, and the form of a fine-tune."""

    @extend_schema(operation_id="tune_bases", responses=shapes.BaseSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(shapes.BaseSerializer(services.bases(request.user), many=True).data)


class WishForm(APIView):
    """The JSON Schema of what can be asked of a fine-tune."""

    @extend_schema(
        operation_id="tune_form", responses={200: {"type": "object", "additionalProperties": True}}
    )
    def get(self, request: Request) -> Response:
        return Response(TuneWish.model_json_schema())


def _asked(request: Request, given: dict[str, Any]) -> tuple[str, services.Asked]:
    entry = given["backend"] and object_for(
        request.user, BackendEntry, given["backend"], backends_of(request.user)
    )
    version = object_for(request.user, DatasetVersion, given["version"])
    asked = services.Asked(
        given["base"],
        version,
        given["wish"],
        given["validation"],
        given["trainer"],
        entry or None,
        given["gpus"],
        given["gpu_memory_gb"],
    )
    return given["name"] or _name(request.user, f"{given['base']} · {version.dataset.name}"[:94]), asked


def _name(user: Any, wanted: str) -> str:
    """Returns a name that the person's other fine-tunes don't have, so that one can say which is meant."""
    taken = set(objects_of(user, Tune).filter(name__startswith=wanted).values_list("name", flat=True))
    if wanted not in taken:
        return wanted
    return next(name for number in itertools.count(2) if (name := f"{wanted} {number}") not in taken)


class Choosing(APIView):
    """What would be done, before anything is."""

    @extend_schema(
        operation_id="tune_choose", request=shapes.TuneFormSerializer, responses=shapes.TuneChoiceSerializer
    )
    def post(self, request: Request) -> Response:
        form = shapes.TuneFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        found = services.tune_choose(user=request.user, asked=_asked(request, form.validated_data)[1])
        choice = found.choice
        return Response(
            {
                "plan": choice.value.model_dump(),
                "reason": choice.reason,
                "rejected": [{"name": name, "reason": reason} for name, reason in choice.rejected],
                "command": found.command,
                "cost": asdict(found.cost) if found.cost else None,
                "measured": asdict(found.data),
                "texts": found.texts,
            }
        )


class Places(APIView):
    """For each backend whether the fine-tune fits there, with memory, time and money. Nothing is started."""

    @extend_schema(
        operation_id="tune_places",
        request=shapes.TuneFormSerializer,
        responses=shapes.TunePlaceSerializer(many=True),
    )
    def post(self, request: Request) -> Response:
        form = shapes.TuneFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        asked = _asked(request, form.validated_data)[1]
        found = services.tune_places(user=request.user, asked=asked)
        return Response(shapes.TunePlaceSerializer(found, many=True).data)


class Tunes(generics.ListAPIView[Tune]):
    """The person's fine-tunes, and new ones."""

    serializer_class = shapes.TuneSerializer

    def get_queryset(self) -> QuerySet[Tune]:
        return objects_of(self.request.user, Tune).select_related("version__dataset", "job__backend")

    @extend_schema(
        operation_id="tune_start", request=shapes.TuneFormSerializer, responses={201: shapes.TuneSerializer}
    )
    def post(self, request: Request) -> Response:
        form = shapes.TuneFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        name, asked = _asked(request, form.validated_data)
        return Response(
            _shown(request, services.tune_start(user=request.user, name=name, asked=asked)), status=201
        )


def _shown(request: Request, tune: Tune) -> Any:
    return shapes.TuneSerializer(tune, context={"request": request}).data


class TuneDetail(APIView):
    """One fine-tune."""

    @extend_schema(operation_id="tune_get", responses=shapes.TuneSerializer)
    def get(self, request: Request, id: UUID) -> Response:
        return Response(_shown(request, object_for(request.user, Tune, id)))

    @extend_schema(operation_id="tune_delete", request=None, responses={204: None})
    def delete(self, request: Request, id: UUID) -> Response:
        services.tune_delete(tune=object_for(request.user, Tune, id))
        return Response(status=204)


class TuneCancel(APIView):
    """Stops a fine-tune."""

    @extend_schema(operation_id="tune_cancel", request=None, responses=shapes.TuneSerializer)
    def post(self, request: Request, id: UUID) -> Response:
        services.tune_cancel(tune=object_for(request.user, Tune, id))
        return Response(_shown(request, object_for(request.user, Tune, id)))


class TuneResume(APIView):
    """Goes on with one that was interrupted."""

    @extend_schema(operation_id="tune_resume", request=None, responses=shapes.TuneSerializer)
    def post(self, request: Request, id: UUID) -> Response:
        return Response(_shown(request, services.tune_resume(tune=object_for(request.user, Tune, id))))


class TuneKeep(APIView):
    """Puts a tuned model into the store."""

    @extend_schema(
        operation_id="tune_keep", request=shapes.TuneKeepSerializer, responses=shapes.TuneKeepSerializer
    )
    def post(self, request: Request, id: UUID) -> Response:
        tune = object_for(request.user, Tune, id)
        form = shapes.TuneKeepSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return Response({"name": services.tune_keep(tune=tune, name=form.validated_data["name"])})


class TuneServe(APIView):
    """Serves a tuned model."""

    @extend_schema(
        operation_id="tune_serve",
        request=shapes.TuneServeSerializer,
        responses={201: shapes.TuneServedSerializer},
    )
    def post(self, request: Request, id: UUID) -> Response:
        tune = object_for(request.user, Tune, id)
        form = shapes.TuneServeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        name, base_id = form.validated_data["name"], form.validated_data["service"]
        base = object_for(request.user, Service, base_id) if base_id else None
        made = services.tune_serve(user=request.user, tune=tune, name=name, base=base)
        model = f"{made.name}/{name if base else made.weights.name}"
        return Response({"service": made.pk, "model": model}, status=201)


MOST_RECORDS = 2000


class TuneRecords(APIView):
    """What a trainer told: losses, samples, stages."""

    @extend_schema(
        operation_id="tune_records",
        parameters=[OpenApiParameter("after", int, description="Number of the last one that is known.")],
        responses=shapes.TuneToldSerializer,
    )
    def get(self, request: Request, id: UUID) -> Response:
        tune = object_for(request.user, Tune, id)
        after = request.query_params.get("after", "0")
        found = tune.records.filter(id__gt=int(after) if after.isdecimal() else 0)[: MOST_RECORDS + 1]
        told = list(found)
        shown = {"records": told[:MOST_RECORDS], "more": len(told) > MOST_RECORDS, "tune": tune}
        return Response(shapes.TuneToldSerializer(shown, context={"request": request}).data)


class AskModel(APIView):
    """Asks one model, beside another: no flow, no history."""

    @extend_schema(
        operation_id="tune_ask",
        request=shapes.AskSerializer,
        responses={(200, "text/event-stream"): str},
    )
    def post(self, request: Request) -> HttpResponseBase:
        form = shapes.AskSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        quiet = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingHttpResponse(
            answer_of(request.user, **form.validated_data), content_type="text/event-stream", headers=quiet
        )
