"""`manage.py prepare`: what has to be true before a studio opens its door."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db.utils import OperationalError

from backend.accounts.services import needs_owner
from backend.config.doors import refuse_unsafe
from backend.config.environment import Environment, SettingError
from backend.config.secrets import private_file


class Command(BaseCommand):
    """Migrates the database, refuses what is unsafe, prints the one-time link of a new studio."""

    help = "Bring the database up to date, and check that the studio may start."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        environment: Environment = settings.ENVIRONMENT
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            raise CommandError(f"The database can't be used: {str(error).strip()}") from error
        unowned = needs_owner()
        try:
            refuse_unsafe(environment, unowned=unowned)
        except SettingError as error:
            raise CommandError(str(error)) from None
        settings.CLAIM_FILE.unlink(missing_ok=True)
        if unowned:
            token = secrets.token_urlsafe(24)
            private_file(settings.CLAIM_FILE, token)
            self.stdout.write("This studio has no owner yet. Become it by opening, once:")
            self.stdout.write(f"  {environment.address}/claim?token={token}")
