"""The Django app of backends and jobs."""

from __future__ import annotations

from django.apps import AppConfig


class ComputeConfig(AppConfig):
    """Places to compute, and the jobs that were sent to them."""

    name = "backend.compute"
    label = "compute"
