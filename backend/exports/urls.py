"""Addresses of this room, below /api/v1/."""

from django.urls import path

from backend.exports import api

urlpatterns = [
    path("flows/<uuid:id>/export", api.FlowExport.as_view(), name="flow-export"),
    path("flows/<uuid:id>/source", api.FlowSource.as_view(), name="flow-source"),
    path("flows/<uuid:id>/openapi.json", api.FlowDescription.as_view(), name="flow-openapi"),
    path("exports", api.Exports.as_view(), name="exports"),
    path("exports/preview", api.ExportPreview.as_view(), name="export-preview"),
    path("exports/<uuid:id>", api.ExportDetail.as_view(), name="export"),
    path("exports/<uuid:id>/cancel", api.ExportCancel.as_view(), name="export-cancel"),
    path("exports/<uuid:id>/file", api.ExportFile.as_view(), name="export-file"),
    path("imports", api.Imports.as_view(), name="imports"),
]
