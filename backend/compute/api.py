"""Backends and jobs over REST."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from inspect import getdoc
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from flowloft.core.backend import BACKENDS, Backend
from rest_framework import generics
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.errors import ApiError
from backend.common.objects import object_for, objects_of
from backend.compute import services, shapes
from backend.compute.models import BackendEntry, ComputeJob
from backend.compute.states import State
from backend.compute.stream import job_stream, jobs_stream, text_of


class BackendKinds(APIView):
    """The kinds of backends there are."""

    @extend_schema(operation_id="backend_kinds", responses=shapes.BackendKindSerializer(many=True))
    def get(self, request: Request) -> Response:
        found = [
            {
                "key": key,
                "title": member.title or key,
                "summary": (getdoc(member) or "").partition("\n\n")[0].replace("\n", " ").replace("``", ""),
                "shares_files": member.shares_files,
                "queues": member.queue is not Backend.queue,
                "schema": member.model_json_schema(),
            }
            for key, member in BACKENDS.all().items()
        ]
        return Response(found)


class Backends(APIView):
    """The backends that a person may use, and new ones."""

    @extend_schema(operation_id="backend_list", responses=shapes.BackendSerializer(many=True))
    def get(self, request: Request) -> Response:
        found = services.backends_of(request.user)
        return Response(shapes.BackendSerializer(found, many=True, context={"user": request.user}).data)

    @extend_schema(
        operation_id="backend_create",
        request=shapes.BackendFormSerializer,
        responses={201: shapes.BackendSerializer},
    )
    def post(self, request: Request) -> Response:
        form = shapes.BackendFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        made = services.backend_save(user=request.user, given=form.validated_data)
        return Response(_shown(request, made.pk), status=201)


def _shown(request: Request, id: Any) -> Any:
    found = object_for(request.user, BackendEntry, id, services.backends_of(request.user))
    return shapes.BackendSerializer(found, context={"user": request.user}).data


class BackendDetail(APIView):
    """One backend."""

    @extend_schema(operation_id="backend_get", responses=shapes.BackendSerializer)
    def get(self, request: Request, id: UUID) -> Response:
        return Response(_shown(request, id))

    @extend_schema(
        operation_id="backend_update",
        request=shapes.BackendFormSerializer(partial=True),
        responses=shapes.BackendSerializer,
    )
    def patch(self, request: Request, id: UUID) -> Response:
        entry = object_for(request.user, BackendEntry, id)
        form = shapes.BackendFormSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        services.backend_save(user=request.user, given=form.validated_data, entry=entry)
        return Response(_shown(request, id))

    @extend_schema(operation_id="backend_delete", request=None, responses={204: None})
    def delete(self, request: Request, id: UUID) -> Response:
        services.backend_delete(user=request.user, entry=object_for(request.user, BackendEntry, id))
        return Response(status=204)


class BackendCheck(APIView):
    """Asks a backend whether it can be used."""

    @extend_schema(
        operation_id="backend_check",
        request=shapes.CheckFormSerializer,
        responses=shapes.CheckedBackendSerializer,
    )
    def post(self, request: Request, id: UUID) -> Response:
        entry = object_for(request.user, BackendEntry, id)
        form = shapes.CheckFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        affinity, job = services.backend_check(user=request.user, entry=entry, **form.validated_data)
        return Response({**asdict(affinity), "job": job and job.pk})


class BackendQueue(APIView):
    """A backend's own queue, with what others have sent there."""

    @extend_schema(operation_id="backend_queue", responses=shapes.QueueSerializer)
    def get(self, request: Request, id: UUID) -> Response:
        entry = object_for(request.user, BackendEntry, id)
        jobs = services.backend_queue(user=request.user, entry=entry)
        return Response(shapes.QueueSerializer({"jobs": jobs}).data)


class Choice(APIView):
    """Where runs compute when nothing is said."""

    @extend_schema(
        operation_id="backend_choice",
        parameters=[OpenApiParameter("flow", UUID, description="For runs of this flow.")],
        responses=shapes.ChoiceSerializer,
    )
    def get(self, request: Request) -> Response:
        entry, scope = services.backend_chosen(
            user=request.user, flow_id=request.query_params.get("flow") or None
        )
        return Response({"backend": entry and entry.pk, "scope": scope})

    @extend_schema(
        operation_id="backend_choose",
        request=shapes.ChoiceFormSerializer,
        responses=shapes.ChoiceSerializer,
    )
    def put(self, request: Request) -> Response:
        form = shapes.ChoiceFormSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        entry = given["backend"] and object_for(request.user, BackendEntry, given["backend"])
        flow = given.get("flow")
        services.choice_save(user=request.user, scope=str(flow) if flow else given["scope"], backend=entry)
        chosen, scope = services.backend_chosen(user=request.user, flow_id=flow)
        return Response({"backend": chosen and chosen.pk, "scope": scope})


class EventStream(BaseRenderer):
    """Lets clients ask for server-sent events; the stream itself needs no rendering."""

    media_type = "text/event-stream"
    format = "sse"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return json.dumps(data).encode()


def _streamed(stream: Any) -> HttpResponseBase:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(stream, content_type="text/event-stream", headers=headers)


class Jobs(generics.ListAPIView[ComputeJob]):
    """A person's jobs, newest first; as a stream, the newest whenever one has changed."""

    serializer_class = shapes.JobSerializer
    renderer_classes = (JSONRenderer, EventStream)

    @extend_schema(
        operation_id="job_list",
        parameters=[
            OpenApiParameter("backend", UUID, description="Only jobs of this backend."),
            OpenApiParameter("state", str, enum=State.values, many=True, description="Only those."),
            OpenApiParameter("purpose", str, description="Only those, for instance `run`."),
            OpenApiParameter("subject", str, description="Only those for this one."),
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        if isinstance(request.accepted_renderer, EventStream):
            return _streamed(jobs_stream(request.user.pk))
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[ComputeJob]:
        jobs = objects_of(self.request.user, ComputeJob).select_related("backend")
        asked = self.request.query_params
        if "backend" in asked:
            jobs = jobs.filter(backend=object_for(self.request.user, BackendEntry, asked["backend"]))
        if "state" in asked:
            jobs = jobs.filter(state__in=[_state(value) for value in asked.getlist("state")])
        return jobs.filter(**{name: asked[name] for name in ("purpose", "subject") if name in asked})


def _state(value: str) -> str:
    if value not in State.values:
        raise ApiError(
            400,
            "invalid_input",
            f"“{value}” is no state of a job.",
            f"There are: {', '.join(State.values)}.",
            path="/state",
        )
    return value


class JobDetail(APIView):
    """One job; as a stream, the job and its log until it has ended."""

    renderer_classes = (JSONRenderer, EventStream)

    @extend_schema(
        operation_id="job_get",
        parameters=[OpenApiParameter("offset", int, description="Of the log, for the stream.")],
        responses={(200, "application/json"): shapes.JobSerializer, (200, "text/event-stream"): str},
    )
    def get(self, request: Request, id: UUID) -> HttpResponseBase:
        job = object_for(request.user, ComputeJob, id)
        if isinstance(request.accepted_renderer, EventStream):
            return _streamed(job_stream(job.pk, _offset(request, "Last-Event-ID")))
        return Response(shapes.JobSerializer(job).data)


class JobCancel(APIView):
    """Asks a job to end; on one that is over it changes nothing."""

    @extend_schema(operation_id="job_cancel", request=None, responses=shapes.JobSerializer)
    def post(self, request: Request, id: UUID) -> Response:
        job = services.job_cancel(job=object_for(request.user, ComputeJob, id))
        return Response(shapes.JobSerializer(job).data)


class JobLogs(APIView):
    """What a job has written, from a byte on."""

    @extend_schema(
        operation_id="job_logs",
        parameters=[
            OpenApiParameter("offset", int, description="Where the last piece ended; 0 for the beginning."),
            OpenApiParameter("errors", bool, description="The log of stderr, where it is kept apart."),
        ],
        responses=shapes.LogSerializer,
    )
    def get(self, request: Request, id: UUID) -> Response:
        job = object_for(request.user, ComputeJob, id)
        errors = request.query_params.get("errors") in ("1", "true")
        piece = services.job_logs(job=job, offset=_offset(request), errors=errors)
        text, following = text_of(*piece)
        return Response({"text": text, "next": following})


def _offset(request: Request, header: str = "") -> int:
    text = (header and request.headers.get(header)) or request.query_params.get("offset") or "0"
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise ApiError(
            400, "invalid_input", "“offset” is no number of bytes.", "Send 0 or a `next`.", path="/offset"
        )
    return int(text)
