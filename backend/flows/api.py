"""Flows, drafts, versions, templates and the catalogue over REST."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from flowloft.templates import load_templates
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.common.errors import ApiError
from backend.common.json_body import JsonPatchParser, StrictJSONParser
from backend.common.objects import object_for, objects_of
from backend.common.pages import Pages
from backend.flows import services, shapes
from backend.flows.catalogue import catalogue_json
from backend.flows.documents import Checked, check
from backend.flows.models import Draft, Flow, FlowVersion
from backend.flows.subflows import OwnFlows

IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description='The revision, as `"12"`.'
)
_REVISION = re.compile(r'(?:W/)?"?(\d{1,9})"?')


def revision_of(request: Request) -> int:
    """Reads If-Match.

    Raises:
        ApiError: 428 without one, 412 for one that is no revision.
    """
    given = request.headers.get("If-Match")
    if given is None:
        raise ApiError(
            428,
            "revision_required",
            "The If-Match header is missing.",
            "Send the revision that your change is made on, so that nobody's work is overwritten.",
        )
    found = _REVISION.fullmatch(given.strip())
    if found is None:
        raise ApiError(412, "stale_revision", "The If-Match header holds no revision.", 'Send it as "12".')
    return int(found.group(1))


class FlowPages(Pages):
    """The last changed first."""

    ordering = ("-updated_at", "-pk")


def _flows(user: Any) -> Any:
    return objects_of(user, Flow).select_related("draft").defer("draft__document")


class Flows(generics.ListAPIView[Flow]):
    """The person's flows, and new ones."""

    serializer_class = shapes.FlowSerializer
    pagination_class = FlowPages

    def get_queryset(self) -> Any:
        found = _flows(self.request.user)
        wanted = self.request.query_params.get("q", "").strip()
        return found.filter(name__icontains=wanted) if wanted else found

    @extend_schema(
        operation_id="flow_list", parameters=[OpenApiParameter("q", str, description="Part of the name.")]
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="flow_create", request=shapes.NewFlowSerializer, responses={201: shapes.FlowSerializer}
    )
    def post(self, request: Request) -> Response:
        form = shapes.NewFlowSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        flow = services.flow_create(owner=request.user, **form.validated_data)
        return Response(shapes.FlowSerializer(flow).data, status=201)


class FlowDetail(APIView):
    """One flow."""

    @extend_schema(operation_id="flow_get", responses=shapes.FlowSerializer)
    def get(self, request: Request, id: str) -> Response:
        return Response(shapes.FlowSerializer(object_for(request.user, Flow, id, _flows(request.user))).data)

    @extend_schema(operation_id="flow_update", request=shapes.FlowSerializer, responses=shapes.FlowSerializer)
    def patch(self, request: Request, id: str) -> Response:
        flow = object_for(request.user, Flow, id, _flows(request.user))
        form = shapes.FlowSerializer(flow, data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        return Response(shapes.FlowSerializer(services.flow_update(flow=flow, **form.validated_data)).data)

    @extend_schema(operation_id="flow_delete", request=None, responses={204: None})
    def delete(self, request: Request, id: str) -> Response:
        object_for(request.user, Flow, id).delete()
        return Response(status=204)


class DraftDetail(APIView):
    """The draft of a flow: read it, patch it, replace it."""

    parser_classes = (StrictJSONParser, JsonPatchParser)

    @extend_schema(operation_id="draft_get", responses=shapes.DraftSerializer)
    def get(self, request: Request, id: str) -> Response:
        draft = object_for(request.user, Draft, id)
        body = shapes.saved(draft, check(draft.document, OwnFlows(request.user)).remarks()) | {
            "document": draft.document
        }
        return Response(body, headers={"ETag": f'"{draft.revision}"'})

    @extend_schema(
        operation_id="draft_patch",
        parameters=[IF_MATCH],
        request={
            "application/json-patch+json": shapes.OperationSerializer(many=True),
            "application/json": shapes.OperationSerializer(many=True),
        },
        responses=shapes.SavedSerializer,
    )
    def patch(self, request: Request, id: str) -> Response:
        flow = object_for(request.user, Flow, id)
        revision = revision_of(request)
        return _saved(
            *services.draft_patch(flow=flow, user=request.user, revision=revision, operations=request.data)
        )

    @extend_schema(
        operation_id="draft_replace",
        parameters=[IF_MATCH],
        request={"application/json": shapes.component("FlowSpec")},
        responses=shapes.SavedSerializer,
    )
    def put(self, request: Request, id: str) -> Response:
        flow = object_for(request.user, Flow, id)
        revision = revision_of(request)
        return _saved(
            *services.draft_save(flow=flow, user=request.user, revision=revision, document=request.data)
        )


def _saved(draft: Draft, checked: Checked) -> Response:
    return Response(shapes.saved(draft, checked.remarks()), headers={"ETag": f'"{draft.revision}"'})


class VersionPages(Pages):
    """The newest first."""

    ordering = ("-number",)


class Versions(generics.ListAPIView[FlowVersion]):
    """The published versions of a flow, and publishing the draft."""

    serializer_class = shapes.VersionSerializer
    pagination_class = VersionPages

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return FlowVersion.objects.none()
        flow = object_for(self.request.user, Flow, self.kwargs["id"])
        return flow.versions.select_related("created_by").defer("document")

    @extend_schema(operation_id="version_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="version_publish",
        request=shapes.PublishSerializer,
        responses={201: shapes.VersionSerializer},
    )
    def post(self, request: Request, id: str) -> Response:
        flow = object_for(request.user, Flow, id)
        form = shapes.PublishSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        made = services.version_publish(flow=flow, user=request.user, **form.validated_data)
        return Response(shapes.VersionSerializer(made).data, status=201)


class VersionDetail(APIView):
    """One published version, with its document."""

    @extend_schema(operation_id="version_get", responses=shapes.FullVersionSerializer)
    def get(self, request: Request, id: str, number: int) -> Response:
        flow = object_for(request.user, Flow, id)
        return Response(shapes.FullVersionSerializer(services.version_get(flow=flow, number=number)).data)


class Copy(APIView):
    """A flow of its own, made from this one or from what the page holds instead of it."""

    @extend_schema(
        operation_id="flow_copy", request=shapes.CopySerializer, responses={201: shapes.FlowSerializer}
    )
    def post(self, request: Request, id: str) -> Response:
        flow = object_for(request.user, Flow, id)
        form = shapes.CopySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        made = services.flow_copy(flow=flow, owner=request.user, **form.validated_data)
        return Response(shapes.FlowSerializer(made).data, status=201)


class FlowPorts(APIView):
    """What a flow takes and gives: the ports of a node that runs it."""

    @extend_schema(
        operation_id="flow_ports",
        parameters=[
            OpenApiParameter("version", str, description="`published` (default), `draft` or a number.")
        ],
        responses=shapes.FlowPortsSerializer,
    )
    def get(self, request: Request, id: str) -> Response:
        asked = request.query_params.get("version", "published")
        number = asked.isascii() and asked.isdigit() and len(asked) < 10
        if asked not in ("draft", "published") and not number:
            raise ApiError(
                400,
                "invalid_input",
                f"“{asked[:80]}” is no version.",
                "There are: draft, published, or the number of a version.",
                path="/version",
            )
        takes, gives = services.ports_of(
            user=request.user, flow_id=id, version=int(asked) if number else asked
        )
        return Response(shapes.FlowPortsSerializer({"takes": takes, "gives": gives}).data)


class Templates(APIView):
    """What a new flow can begin with."""

    @extend_schema(operation_id="template_list", responses=shapes.TemplateSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response(shapes.TemplateSerializer(load_templates(), many=True).data)


class CatalogueView(APIView):
    """Every kind of node: palette, forms and port checks are drawn from it."""

    @extend_schema(
        operation_id="catalogue", responses={(200, "application/json"): shapes.component("Catalogue")}
    )
    def get(self, request: Request) -> HttpResponse:
        body, etag = catalogue_json()
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        if etag in request.headers.get("If-None-Match", ""):
            return HttpResponse(status=304, headers=headers)
        return HttpResponse(body, content_type="application/json", headers=headers)
