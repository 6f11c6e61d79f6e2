"""Addresses of this room, below /api/v1/."""

from django.urls import path

from backend.hub import api

urlpatterns = [
    path("providers", api.Providers.as_view(), name="providers"),
    path("models", api.Models.as_view(), name="models"),
    path("connections", api.Connections.as_view(), name="connections"),
    path("connections/check", api.ConnectionCheck.as_view(), name="connection-check"),
    path("connections/<uuid:id>", api.ConnectionDetail.as_view(), name="connection"),
]
