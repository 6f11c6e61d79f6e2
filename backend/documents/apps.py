"""Knowledge bases, the documents in them, and what they were cut into."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Knowledge bases, the documents in them, and what they were cut into."""

    name = "backend.documents"
    label = "documents"
