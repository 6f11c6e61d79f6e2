"""The Django app of fine-tuning."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class TuningConfig(AppConfig):
    """Fine-tunes, which are jobs on a backend."""

    name = "backend.tuning"
    label = "tuning"

    def ready(self) -> None:
        import_module("backend.tuning.following")
