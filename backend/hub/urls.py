"""Addresses of this room, below /api/v1/."""

from django.urls import path

from backend.hub import api

urlpatterns = [
    path("providers", api.Providers.as_view(), name="providers"),
    path("models", api.Models.as_view(), name="models"),
    path("models/defaults", api.Defaults.as_view(), name="model-defaults"),
    path("models/prices", api.Prices.as_view(), name="model-prices"),
    path("models/prices/<uuid:id>", api.PriceDetail.as_view(), name="model-price"),
    path("connections", api.Connections.as_view(), name="connections"),
    path("connections/check", api.ConnectionCheck.as_view(), name="connection-check"),
    path("connections/<uuid:id>", api.ConnectionDetail.as_view(), name="connection"),
    path("connections/<uuid:id>/refresh", api.ConnectionRefresh.as_view(), name="connection-refresh"),
    path("connections/<uuid:id>/keys", api.Keys.as_view(), name="connection-keys"),
    path("keys/<uuid:id>", api.KeyDetail.as_view(), name="connection-key"),
    path("keys/<uuid:id>/check", api.KeyCheck.as_view(), name="connection-key-check"),
]
