"""`manage.py prepare`: what has to be true before a studio opens its door."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from backend.accounts.services import needs_owner
from backend.config.environment import Environment
from backend.config.secrets import private_file


def refuse_unsafe(environment: Environment, *, unowned: bool) -> None:
    """Raises CommandError for what must not be reachable from other machines."""
    if environment.loopback:
        return
    if environment.debug:
        raise CommandError("FLOWLOFT_DEBUG shows the inside of the studio; it is for loopback only.")
    if "*" in environment.allowed_hosts:
        raise CommandError("FLOWLOFT_ALLOWED_HOSTS=* lets any page speak for the studio; name its hosts.")
    if unowned:
        raise CommandError(
            f"The studio has no owner, so it does not open on {environment.host}. Start it once on this "
            "machine without FLOWLOFT_HOST, open the link it shows, then start it as you meant to."
        )


class Command(BaseCommand):
    """Migrates the database, refuses what is unsafe, prints the one-time link of a new studio."""

    help = "Bring the database up to date, and check that the studio may start."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        environment: Environment = settings.ENVIRONMENT
        call_command("migrate", interactive=False, verbosity=0)
        unowned = needs_owner()
        refuse_unsafe(environment, unowned=unowned)
        settings.CLAIM_FILE.unlink(missing_ok=True)
        if unowned:
            token = secrets.token_urlsafe(24)
            private_file(settings.CLAIM_FILE, token)
            self.stdout.write("This studio has no owner yet. Become it by opening, once:")
            self.stdout.write(f"  {environment.address}/claim?token={token}")
