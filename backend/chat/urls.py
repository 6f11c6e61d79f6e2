"""Addresses of this room, below /api/v1/."""

from django.urls import path

from backend.chat import api

urlpatterns = [
    path("flows/<uuid:flow_id>/sessions", api.FlowSessions.as_view(), name="flow-sessions"),
    path("flows/<uuid:flow_id>/feedback", api.FlowFeedback.as_view(), name="flow-feedback"),
    path("flows/<uuid:flow_id>/feedback/dataset", api.FeedbackDataset.as_view(), name="feedback-dataset"),
    path("sessions/<uuid:session_id>", api.OneSession.as_view(), name="chat-session"),
    path("sessions/<uuid:session_id>/messages", api.SessionMessages.as_view(), name="session-messages"),
    path("sessions/<uuid:session_id>/export", api.SessionExport.as_view(), name="session-export"),
    path("messages/<uuid:message_id>/feedback", api.MessageFeedback.as_view(), name="message-feedback"),
]
