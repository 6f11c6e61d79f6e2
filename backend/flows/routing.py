"""The WebSocket addresses of flows."""

from __future__ import annotations

from django.urls import path

from backend.flows.consumers import PresenceConsumer

websocket_urlpatterns = [path("ws/flows/<uuid:flow_id>/here", PresenceConsumer.as_asgi())]
