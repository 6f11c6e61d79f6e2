"""Flows, their drafts and their published versions."""

from django.apps import AppConfig


class FlowsConfig(AppConfig):
    """Flows, their drafts and their published versions."""

    name = "backend.flows"
    label = "flows"
