"""The Django app of published flows that others meet."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class SharingConfig(AppConfig):
    """A link to talk with a published flow, a frame in other pages, a tool of other programs."""

    name = "backend.sharing"
    label = "sharing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        import_module("backend.sharing.schemes")
