"""The top of the backend: settings, addresses, processes."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Holds no model; it is an app for its commands."""

    name = "backend.config"
    label = "config"
