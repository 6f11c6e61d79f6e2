"""Every address of the studio. What is not below /api or /ws belongs to the page."""

from __future__ import annotations

from importlib.util import find_spec

from django.conf import settings
from django.urls import include, path, re_path

from backend.config import openapi, pages, views

_ROOMS = [name for name in settings.APPS if find_spec(f"backend.{name}.urls")]

urlpatterns = [
    path("api/v1/health", views.Health.as_view(), name="health"),
    path("api/v1/openapi.json", openapi.Schema.as_view(), name="openapi"),
    *(path("api/v1/", include(f"backend.{name}.urls")) for name in _ROOMS),
    path("embed/<str:code>", pages.framed, name="framed"),
    re_path(r"^(?!api/|api$|ws/)(?P<path>.*)$", pages.page, name="page"),
]
handler400 = "backend.common.errors.bad_request"
handler404 = "backend.common.errors.page_not_found"
handler500 = "backend.common.errors.server_error"
