"""The Django app of evaluations."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class ExperimentsConfig(AppConfig):
    """Flows measured on datasets."""

    name = "backend.experiments"
    label = "experiments"

    def ready(self) -> None:
        import_module("backend.experiments.following")
