"""The Django app of local models and the services that answer with them."""

from __future__ import annotations

from django.apps import AppConfig


class ServingConfig(AppConfig):
    """Folders of weights, and services that answer with them."""

    name = "backend.serving"
    label = "serving"

    def ready(self) -> None:
        """Hears of jobs, and gives flows the models of services."""
        from backend.hub.source import SOURCES  # noqa: PLC0415 - models are loaded now
        from backend.serving import hearing, source  # noqa: PLC0415 - models are loaded now

        hearing.listen()
        SOURCES.append(source.ServiceModels)
