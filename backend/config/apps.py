"""The top of the backend: settings, addresses, processes."""

from importlib import import_module

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Holds no model; it is an app for its commands."""

    name = "backend.config"
    label = "config"

    def ready(self) -> None:
        # Every process that may send work has to know the queue, not only web and worker.
        import_module("backend.config.celery")
