"""Flows as files over REST."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from flowloft.codegen.files import FORMATS
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.exports import services
from backend.exports.description import describe
from backend.flows.shapes import FlowSerializer, component

VERSION = OpenApiParameter("version", str, description="`draft` (default), `published` or a number.")


class ImportSerializer(serializers.Serializer[Any]):
    """A file with a flow in it."""

    format = serializers.ChoiceField(
        choices=FORMATS, required=False, help_text="By default it is told from the text."
    )
    content = serializers.CharField(trim_whitespace=False, help_text="The text of the file.")
    name = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


def _answer(request: Request, file: services.FlowFile, headers: dict[str, str]) -> HttpResponse:
    headers = {"ETag": file.etag, "Cache-Control": "private, no-cache", **headers}
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")]
    if file.etag in known or "*" in known:
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(file.content, content_type=file.media_type, headers=headers)


class Export(APIView):
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
        file = services.flow_export(
            user=request.user,
            flow_id=id,
            format=asked.get("format", "json"),
            version=asked.get("version", "draft"),
        )
        name = content_disposition_header(as_attachment=True, filename=file.name) or "attachment"
        return _answer(request, file, {"Content-Disposition": name})


class FlowDescription(APIView):
    """The inputs and outputs of one flow as OpenAPI 3.1."""

    @extend_schema(
        operation_id="flow_openapi",
        parameters=[VERSION],
        responses={(200, "application/json"): OpenApiTypes.OBJECT, 304: None},
    )
    def get(self, request: Request, id: str) -> HttpResponse:
        version = request.query_params.get("version", "draft")
        flow, spec = services.spec_of(user=request.user, flow_id=id, version=version)
        server = request.build_absolute_uri("/").rstrip("/")
        text = json.dumps(describe(flow, spec, version, server), ensure_ascii=False, sort_keys=True, indent=2)
        return _answer(
            request, services.FlowFile("openapi.json", "application/json", f"{text}\n".encode()), {}
        )


class Imports(APIView):
    """A new flow from the text of a file, of which nothing is executed."""

    @extend_schema(operation_id="flow_import", request=ImportSerializer, responses={201: FlowSerializer})
    def post(self, request: Request) -> Response:
        form = ImportSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        flow = services.flow_import(owner=request.user, **form.validated_data)
        return Response(FlowSerializer(flow).data, status=201)
