"""Where models answer, and with which key."""

from django.apps import AppConfig


class HubConfig(AppConfig):
    """Where models answer, and with which key."""

    name = "backend.hub"
    label = "hub"
