"""The Django app of files for runs."""

from __future__ import annotations

from django.apps import AppConfig


class FilesConfig(AppConfig):
    """What people attach."""

    name = "backend.files"
    label = "files"
