"""Flows as files: out to keep or to hand on, and in again."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    """Flows as files, out and in."""

    name = "backend.exports"
    label = "exports"
