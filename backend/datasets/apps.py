"""The Django app of datasets."""

from __future__ import annotations

from django.apps import AppConfig


class DatasetsConfig(AppConfig):
    """Examples to learn from and to measure on."""

    name = "backend.datasets"
    label = "datasets"
