"""Makes the database, a person with a token and a flow for each document on standard input."""

from __future__ import annotations

import json
import os
import sys

import django
from django.core.management import call_command


def main() -> None:
    """Runs as a program, because the tests' own process has another database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.faults.settings")
    django.setup()
    call_command("migrate", verbosity=0)

    from backend.accounts.models import User
    from backend.accounts.services import token_create
    from backend.flows.services import flow_create

    owner = User.objects.create_user("owner", "a long password", is_owner=True)
    _, token = token_create(owner=owner, name="tests")
    documents = json.load(sys.stdin)
    flows = {
        name: str(flow_create(owner=owner, name=name, document=doc).id) for name, doc in documents.items()
    }
    print(json.dumps({"token": token, "flows": flows}))  # noqa: T201


if __name__ == "__main__":
    main()
