"""Who is who."""

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, their sessions and their access tokens."""

    name = "backend.accounts"
    label = "accounts"

    def ready(self) -> None:
        import_module("backend.accounts.schemes")
