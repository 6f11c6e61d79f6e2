"""Addresses of this room, below /api/v1/."""

from django.urls import path

from backend.sharing import api
from backend.sharing.mcp import FlowTool

urlpatterns = [
    path("flows/<uuid:flow_id>/share", api.FlowShare.as_view(), name="flow-share"),
    path("flows/<uuid:flow_id>/mcp", FlowTool.as_view(), name="flow-mcp"),
    path("flows/<uuid:flow_id>/keys", api.FlowKeys.as_view(), name="flow-keys"),
    path("flows/<uuid:flow_id>/keys/<uuid:key_id>", api.OneFlowKey.as_view(), name="flow-key"),
    path("shared/<str:code>", api.SharedFlow.as_view(), name="shared-flow"),
    path("shared/<str:code>/files", api.VisitFiles.as_view(), name="visit-files"),
    path("shared/<str:code>/files/<uuid:file_id>", api.OneVisitFile.as_view(), name="visit-file"),
    path(
        "shared/<str:code>/messages/<uuid:message_id>/feedback",
        api.VisitFeedback.as_view(),
        name="visit-feedback",
    ),
    path("shared/<str:code>/sessions", api.Visits.as_view(), name="visits"),
    path("shared/<str:code>/sessions/<uuid:session_id>", api.OneVisit.as_view(), name="visit"),
    path(
        "shared/<str:code>/sessions/<uuid:session_id>/messages",
        api.VisitMessages.as_view(),
        name="visit-messages",
    ),
    path(
        "shared/<str:code>/sessions/<uuid:session_id>/runs/<uuid:run_id>/stop",
        api.StopVisit.as_view(),
        name="visit-stop",
    ),
]
