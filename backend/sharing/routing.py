"""The WebSocket addresses of visitors."""

from __future__ import annotations

from django.urls import path

from backend.sharing.consumers import VisitConsumer

websocket_urlpatterns = [
    path("ws/shared/<str:code>/sessions/<uuid:session_id>/runs/<uuid:run_id>", VisitConsumer.as_asgi())
]
