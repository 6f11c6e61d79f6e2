"""The WebSocket addresses of knowledge bases."""

from __future__ import annotations

from django.urls import path

from backend.documents.consumers import KnowledgeConsumer

websocket_urlpatterns = [path("ws/knowledge/<uuid:id>", KnowledgeConsumer.as_asgi())]
