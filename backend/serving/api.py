"""Local models and services over REST."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from flowloft.core.framework import FRAMEWORKS
from flowloft.core.hardware import hardware_here
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.errors import ApiError
from backend.common.objects import object_for, objects_of
from backend.compute.models import BackendEntry, ComputeJob
from backend.compute.states import ACTIVE as JOB_ACTIVE
from backend.serving import services, shapes
from backend.serving.gateway import pass_on
from backend.serving.measuring import measure
from backend.serving.models import LocalWeights, Measurement, Rate, Service
from backend.serving.rates import rate_set

_ID = OpenApiParameter("id", UUID, OpenApiParameter.PATH)


class Environment(APIView):
    """What local models need apart from the studio: two sets of packages."""

    @extend_schema(operation_id="local_environment", responses=shapes.EnvironmentSerializer)
    def get(self, request: Request) -> Response:
        return Response(_environment(request.user))

    @extend_schema(
        operation_id="local_environment_make",
        request=shapes.SetupSerializer,
        responses={202: shapes.EnvironmentSerializer},
    )
    def post(self, request: Request) -> Response:
        form = shapes.SetupSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        services.environment_make(user=request.user, what=form.validated_data["what"])
        return Response(_environment(request.user), status=202)


def _environment(user: Any) -> dict[str, Any]:
    jobs = ComputeJob.objects.filter(owner=user, state__in=JOB_ACTIVE)
    sets = [
        found | {"job": jobs.filter(purpose=services.setup_purpose(found["what"])).values_list("pk").first()}
        for found in _plan()
    ]
    return {
        "sets": [one | {"job": one["job"][0] if one["job"] else None} for one in sets],
        "allowed": bool(user.is_owner),
    }


def _plan() -> list[dict[str, Any]]:
    """Asks the script itself, so that the page cannot say anything else than what it does."""
    done = subprocess.run(
        [sys.executable, str(services.ROOT / services.SCRIPT), "--plan"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    if done.returncode != 0:
        raise ApiError(
            503, "no_plan", "The script of local models could not be asked.", done.stderr.strip()[-300:]
        )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


class Measurements(APIView):
    """How fast embedding and reranking models answered here."""

    @extend_schema(operation_id="measurement_list", responses=shapes.MeasurementSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(shapes.MeasurementSerializer(objects_of(request.user, Measurement), many=True).data)

    @extend_schema(
        operation_id="measurement_make",
        request=shapes.MeasureSerializer,
        responses={201: shapes.MeasurementSerializer},
    )
    def post(self, request: Request) -> Response:
        form = shapes.MeasureSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        made = measure(user=request.user, ref=form.validated_data["ref"])
        return Response(shapes.MeasurementSerializer(made).data, status=201)


class Machine(APIView):
    """What this machine has to compute with."""

    @extend_schema(operation_id="local_hardware", responses=shapes.HardwareSerializer)
    def get(self, request: Request) -> Response:
        return Response(asdict(hardware_here()))


class Frameworks(APIView):
    """The frameworks that serve models, the one that is preferred first."""

    @extend_schema(operation_id="local_frameworks", responses=shapes.ServingFrameworkSerializer(many=True))
    def get(self, request: Request) -> Response:
        members = sorted(FRAMEWORKS.all().items(), key=lambda one: -one[1].preference)
        return Response(
            [
                {"key": key, "title": member.title, "jobs": list(member.jobs)}
                for key, member in members
                if member.serves
            ]
        )


class Rates(APIView):
    """What places of computing cost the person, as the person wrote it down."""

    @extend_schema(operation_id="rate_list", responses=shapes.RateSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(shapes.RateSerializer(objects_of(request.user, Rate), many=True).data)

    @extend_schema(
        operation_id="rate_set", request=shapes.RateSerializer, responses=shapes.RateSerializer(many=True)
    )
    def put(self, request: Request) -> Response:
        form = shapes.RateSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        rate_set(user=request.user, **form.validated_data)
        return Response(shapes.RateSerializer(objects_of(request.user, Rate), many=True).data)


class LocalModels(APIView):
    """Folders of weights that can be served here."""

    @extend_schema(operation_id="local_model_list", responses=shapes.WeightsSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(shapes.WeightsSerializer(services.weights_of(request.user), many=True).data)

    @extend_schema(
        operation_id="local_model_add",
        request=shapes.WeightsFormSerializer,
        responses={201: shapes.WeightsSerializer},
    )
    def post(self, request: Request) -> Response:
        form = shapes.WeightsFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        made = services.weights_add(user=request.user, **form.validated_data)
        return Response(shapes.WeightsSerializer(made).data, status=201)


class LocalModelDetail(APIView):
    """One folder of weights."""

    @extend_schema(operation_id="local_model_delete", request=None, responses={204: None})
    def delete(self, request: Request, id: UUID) -> Response:
        services.weights_delete(user=request.user, weights=object_for(request.user, LocalWeights, id))
        return Response(status=204)


class LocalModelFits(APIView):
    """Where a model fits, why, and by which command. Nothing is started."""

    @extend_schema(
        operation_id="local_model_fits",
        request=shapes.WishSerializer,
        responses=shapes.FitSerializer(many=True),
    )
    def post(self, request: Request, id: UUID) -> Response:
        weights = object_for(request.user, LocalWeights, id)
        form = shapes.WishSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        found = services.fits_of(
            user=request.user,
            weights=weights,
            wish=shapes.wish_of(given, allow_code=weights.allow_code),
            framework=given["framework"],
            count=given["gpus"],
            memory_gb=given["gpu_memory_gb"],
        )
        return Response(shapes.FitSerializer(found, many=True).data)


def _shown(request: Request, service: Service, status: int = 200) -> Response:
    row = Service.objects.select_related("weights", "backend", "job").get(pk=service.pk)
    return Response(shapes.ServiceSerializer(row, context={"user": request.user}).data, status=status)


class Services(APIView):
    """Services, and new ones."""

    @extend_schema(operation_id="service_list", responses=shapes.ServiceSerializer(many=True))
    def get(self, request: Request) -> Response:
        found = objects_of(request.user, Service).select_related("weights", "backend", "job")
        return Response(shapes.ServiceSerializer(found, many=True, context={"user": request.user}).data)

    @extend_schema(
        operation_id="service_create",
        request=shapes.ServiceFormSerializer,
        responses={201: shapes.ServiceSerializer},
    )
    def post(self, request: Request) -> Response:
        form = shapes.ServiceFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        weights = object_for(request.user, LocalWeights, given["weights"])
        named = given.pop("backend", None)
        backend = object_for(request.user, BackendEntry, named) if named else None
        made = services.service_create(
            user=request.user,
            given=given
            | {
                "weights": weights,
                "backend": backend,
                "wish": shapes.wish_of(given, allow_code=weights.allow_code),
            },
        )
        return _shown(request, made, 201)


class ServiceDetail(APIView):
    """One service."""

    @extend_schema(operation_id="service_get", responses=shapes.ServiceSerializer)
    def get(self, request: Request, id: UUID) -> Response:
        return _shown(request, object_for(request.user, Service, id))

    @extend_schema(operation_id="service_delete", request=None, responses={204: None})
    def delete(self, request: Request, id: UUID) -> Response:
        services.service_delete(user=request.user, service=object_for(request.user, Service, id))
        return Response(status=204)


class ServiceStart(APIView):
    """Starts a service; one that runs stays as it is."""

    @extend_schema(operation_id="service_start", request=None, responses=shapes.ServiceSerializer)
    def post(self, request: Request, id: UUID) -> Response:
        found = object_for(request.user, Service, id)
        return _shown(request, services.service_start(user=request.user, service=found))


class ServiceStop(APIView):
    """Stops a service; it can be started again."""

    @extend_schema(operation_id="service_stop", request=None, responses=shapes.ServiceSerializer)
    def post(self, request: Request, id: UUID) -> Response:
        found = object_for(request.user, Service, id)
        return _shown(request, services.service_stop(user=request.user, service=found))


class Adapters(APIView):
    """Adapters of a service that runs."""

    @extend_schema(
        operation_id="adapter_load", request=shapes.AdapterSerializer, responses=shapes.ServiceSerializer
    )
    def post(self, request: Request, id: UUID) -> Response:
        found = object_for(request.user, Service, id)
        form = shapes.AdapterSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return _shown(request, services.adapter_load(user=request.user, service=found, **form.validated_data))


class AdapterDetail(APIView):
    """One adapter of a service that runs."""

    @extend_schema(operation_id="adapter_unload", request=None, responses=shapes.ServiceSerializer)
    def delete(self, request: Request, id: UUID, name: str) -> Response:
        found = object_for(request.user, Service, id)
        return _shown(request, services.adapter_unload(user=request.user, service=found, name=name))


_ANSWER = {(200, "application/json"): {"type": "object", "additionalProperties": True}}


class Gateway(APIView):
    """The OpenAI protocol of a service, at an address that stays. Streams where the request says so."""

    @extend_schema(operation_id="service_ask_get", parameters=[_ID], responses=_ANSWER)
    def get(self, request: Request, id: UUID, path: str) -> HttpResponseBase:
        return pass_on(object_for(request.user, Service, id), "GET", path, b"")

    @extend_schema(
        operation_id="service_ask",
        parameters=[_ID],
        request={"application/json": {"type": "object", "additionalProperties": True}},
        responses=_ANSWER,
    )
    def post(self, request: Request, id: UUID, path: str) -> HttpResponseBase:
        body = json.dumps(request.data).encode()
        return pass_on(object_for(request.user, Service, id), "POST", path, body)
