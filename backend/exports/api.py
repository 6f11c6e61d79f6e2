"""Flows as files over REST: one at a time, and bundles of them."""

from __future__ import annotations

import json
import re
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from flowloft.codegen.files import FORMATS
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.download import file_answer, knows
from backend.common.errors import ApiError
from backend.common.json_body import StrictJSONParser, read_json
from backend.common.objects import object_for, objects_of
from backend.common.uploads import Upload
from backend.exports import flow_files, jobs, limits, services, shapes
from backend.exports.description import describe
from backend.exports.models import ExportJob
from backend.exports.uploads import ArchiveParser
from backend.flows.models import Flow
from backend.flows.shapes import component

VERSION = OpenApiParameter("version", str, description="`draft` (default), `published` or a number.")
KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="The same key with the same body is the same job, however often it is sent.",
)
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_ARCHIVE = {(200, "application/zip"): OpenApiTypes.BINARY}


def _answer(request: Request, file: flow_files.FlowFile, headers: dict[str, str]) -> HttpResponse:
    headers = {"ETag": file.etag, "Cache-Control": "private, no-cache", **headers}
    if knows(request, file.etag):
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(file.content, content_type=file.media_type, headers=headers)


class FlowExport(APIView):
    """One flow as a file, the same bytes for the same flow."""

    @extend_schema(
        operation_id="flow_export",
        parameters=[
            OpenApiParameter("format", str, enum=FORMATS, description="By default json."),
            VERSION,
        ],
        responses={
            (200, "application/json"): component("FlowSpec"),
            (200, "application/yaml"): OpenApiTypes.STR,
            (200, "text/x-python"): OpenApiTypes.STR,
            304: None,
        },
    )
    def get(self, request: Request, id: str) -> HttpResponse:
        asked = request.query_params
        file = flow_files.flow_export(
            user=request.user,
            flow_id=id,
            format=asked.get("format", "json"),
            version=asked.get("version", "draft"),
        )
        name = content_disposition_header(as_attachment=True, filename=file.name) or "attachment"
        return _answer(request, file, {"Content-Disposition": name})


class FlowSource(APIView):
    """Python source on its way to the canvas: read by its syntax tree, never executed, and not saved."""

    @extend_schema(
        operation_id="flow_source_read",
        request=shapes.SourceSerializer,
        responses=shapes.SourceReadSerializer,
    )
    def post(self, request: Request, id: str) -> Response:
        # First, so that somebody else's flow is as if it were not there, whatever is sent.
        object_for(request.user, Flow, id)
        form = shapes.SourceSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        document, findings = flow_files.source_read(
            user=request.user, flow_id=id, source=form.validated_data["text"]
        )
        told = [finding.model_dump() for finding in findings]
        return Response(shapes.SourceReadSerializer({"document": document, "findings": told}).data)


class FlowDescription(APIView):
    """The inputs and outputs of one flow as OpenAPI 3.1."""

    @extend_schema(
        operation_id="flow_openapi",
        parameters=[VERSION],
        responses={(200, "application/json"): OpenApiTypes.OBJECT, 304: None},
    )
    def get(self, request: Request, id: str) -> HttpResponse:
        version = request.query_params.get("version", "draft")
        flow, spec = flow_files.spec_of(user=request.user, flow_id=id, version=version)
        server = request.build_absolute_uri("/").rstrip("/")
        text = json.dumps(describe(flow, spec, version, server), ensure_ascii=False, sort_keys=True, indent=2)
        return _answer(
            request, flow_files.FlowFile("openapi.json", "application/json", f"{text}\n".encode()), {}
        )


def _request(request: Request) -> dict[str, Any]:
    form = shapes.ExportRequestSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


class Exports(generics.ListAPIView[ExportJob]):
    """The person's exports, newest first, and new ones."""

    serializer_class = shapes.ExportJobSerializer

    def get_queryset(self) -> Any:
        return objects_of(self.request.user, ExportJob)

    @extend_schema(operation_id="export_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="export_start",
        parameters=[KEY],
        request=shapes.ExportRequestSerializer,
        responses={200: shapes.ExportJobSerializer, 202: shapes.ExportJobSerializer},
    )
    def post(self, request: Request) -> Response:
        key = request.headers.get("Idempotency-Key", "")
        if key and not _KEY.fullmatch(key):
            raise ApiError(
                400,
                "invalid_input",
                "The Idempotency-Key is no key.",
                "Send 1 to 200 printable ASCII characters without spaces.",
                path="/Idempotency-Key",
            )
        job, there = jobs.job_start(owner=request.user, request=_request(request), key=key)
        headers = {"Location": f"/api/v1/exports/{job.pk}"}
        return Response(shapes.ExportJobSerializer(job).data, status=200 if there else 202, headers=headers)


class ExportPreview(APIView):
    """What an export would hold."""

    @extend_schema(
        operation_id="export_preview",
        request=shapes.ExportRequestSerializer,
        responses=shapes.PreviewSerializer,
    )
    def post(self, request: Request) -> Response:
        return Response(jobs.preview(owner=request.user, request=_request(request)))


class ExportDetail(APIView):
    """One export."""

    @extend_schema(operation_id="export_get", responses=shapes.ExportJobSerializer)
    def get(self, request: Request, id: str) -> Response:
        return Response(shapes.ExportJobSerializer(object_for(request.user, ExportJob, id)).data)

    @extend_schema(operation_id="export_delete", request=None, responses={204: None})
    def delete(self, request: Request, id: str) -> Response:
        jobs.job_delete(job=object_for(request.user, ExportJob, id))
        return Response(status=204)


class ExportCancel(APIView):
    """Stops an export; on one that is over it changes nothing."""

    @extend_schema(operation_id="export_cancel", request=None, responses=shapes.ExportJobSerializer)
    def post(self, request: Request, id: str) -> Response:
        job = jobs.job_cancel(job=object_for(request.user, ExportJob, id))
        return Response(shapes.ExportJobSerializer(job).data)


class ExportFile(APIView):
    """The file of an export, whole or in ranges."""

    @extend_schema(
        operation_id="export_file",
        responses={**_ARCHIVE, (206, "application/zip"): OpenApiTypes.BINARY, 304: None, 416: None},
    )
    def get(self, request: Request, id: str) -> HttpResponseBase:
        job = object_for(request.user, ExportJob, id)
        if not jobs.is_there(job):
            raise ApiError(
                409 if job.expires_at is None else 410,
                "no_file",
                "The export has no file (any more).",
                "Wait until it has succeeded, or export again.",
                state=job.state,
            )
        place = limits.folder() / job.stored
        return file_answer(request, place, name=job.name, etag=f'"{job.sha256}"')


class Imports(APIView):
    """Flows from a file, of which nothing is executed: the text of one, or a whole archive."""

    parser_classes = (StrictJSONParser, ArchiveParser)

    @extend_schema(
        operation_id="import_file",
        parameters=[
            OpenApiParameter("dry_run", bool, description="Say what would happen and change nothing."),
            OpenApiParameter(
                "conflict",
                str,
                enum=["new_version", "copy", "skip", "fail"],
                description="What becomes of what is here already; by default the import fails.",
            ),
            OpenApiParameter(
                "missing",
                str,
                enum=["stub", "fail"],
                description="Whether a flow may lack something here; by default it may.",
            ),
            OpenApiParameter(
                "bindings",
                str,
                description="JSON object: id of a connection by the logical name of a credential.",
            ),
        ],
        request={"application/json": shapes.ImportSerializer, "application/zip": OpenApiTypes.BINARY},
        responses={200: shapes.ImportResultSerializer, 201: shapes.ImportResultSerializer},
    )
    def post(self, request: Request) -> Response:
        how = _how(request)
        if isinstance(request.data, Upload):
            with request.data as place:
                told = services.import_archive(user=request.user, place=place, **how)
        else:
            form = shapes.ImportSerializer(data=request.data)
            form.is_valid(raise_exception=True)
            told = services.import_text(user=request.user, **form.validated_data, **how)
        changed = not told["dry_run"] and (told["created"] or told["updated"])
        return Response(told, status=201 if changed else 200)


def _how(request: Request) -> dict[str, Any]:
    given: dict[str, Any] = {name: value for name, value in request.query_params.items() if name in _HOW}
    if "bindings" in given:
        given["bindings"] = read_json(given["bindings"].encode("utf-8", "surrogatepass"))
    form = shapes.ImportHowSerializer(data=given)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


_HOW = frozenset(shapes.ImportHowSerializer().fields)
