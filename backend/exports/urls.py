"""Addresses of this room, below /api/v1/."""

from django.urls import path

from backend.exports import api

urlpatterns = [
    path("flows/<uuid:id>/export", api.Export.as_view(), name="flow-export"),
    path("flows/<uuid:id>/openapi.json", api.FlowDescription.as_view(), name="flow-openapi"),
    path("imports", api.Imports.as_view(), name="imports"),
]
