"""Where models answer, and with which key."""

from django.apps import AppConfig


class HubConfig(AppConfig):
    """Where models answer, and with which key."""

    name = "backend.hub"
    label = "hub"

    def ready(self) -> None:
        """Hears what becomes of keys."""
        from backend.hub import keys  # noqa: PLC0415 - models are loaded now

        keys.listen()
