"""Addresses of this room, below /api/v1/."""

from django.urls import path

from backend.files import api

urlpatterns = [
    path("files", api.Files.as_view(), name="files"),
    path("files/<uuid:id>", api.OneFile.as_view(), name="file"),
]
