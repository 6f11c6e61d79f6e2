"""Addresses of this room, below /api/v1/."""

from django.urls import path

from backend.chat import api

urlpatterns = [
    path("flows/<uuid:flow_id>/sessions", api.FlowSessions.as_view(), name="flow-sessions"),
    path("sessions/<uuid:session_id>", api.OneSession.as_view(), name="chat-session"),
    path("sessions/<uuid:session_id>/messages", api.SessionMessages.as_view(), name="session-messages"),
]
