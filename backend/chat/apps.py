"""The Django app of chats."""

from __future__ import annotations

from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "backend.chat"
    label = "chat"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from backend.chat.answers import answer_write  # noqa: PLC0415 - models are loaded by now
        from backend.runs.signals import run_ended  # noqa: PLC0415

        run_ended.connect(answer_write, dispatch_uid="chat.answer_write")
