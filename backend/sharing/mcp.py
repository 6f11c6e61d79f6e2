"""A published flow as a tool of other programs: the Model Context Protocol, each request by itself."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from backend.accounts.authentication import AccessTokenAuthentication, CheckedSessionAuthentication
from backend.common.objects import object_for
from backend.flows.models import Flow
from backend.sharing.keys import FlowKeyAuthentication


class FlowTool(APIView):
    """One flow as a server of the Model Context Protocol with one tool, which runs the published version.

    Asked by POST with JSON-RPC, with a key of this flow, or an access token. There is no session and nothing
    is pushed.
    """

    authentication_classes = (
        FlowKeyAuthentication,
        AccessTokenAuthentication,
        CheckedSessionAuthentication,
    )

    @extend_schema(
        operation_id="flow_mcp",
        request={"application/json": {"type": "object"}},
        responses={(200, "application/json"): {"type": "object"}, 202: None},
    )
    def post(self, request: Request, flow_id: UUID) -> HttpResponse:
        flow = object_for(request.user, Flow, flow_id)
        from backend.sharing import tool  # noqa: PLC0415 - takes a second, which most studios never need

        return tool.answer(request=request, flow=flow)
