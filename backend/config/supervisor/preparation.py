"""`manage.py prepare`, and when it can be left out: it costs a whole start of Django."""

from __future__ import annotations

import hashlib
import subprocess
import sys

from backend.config.doors import refuse_unsafe
from backend.config.environment import ROOT, Environment, SettingError

STAMP = "prepared"
"""In the data directory: what the database of an owned studio was last brought up to date by."""


def prepare(environment: Environment) -> str:
    """Brings the database up to date; returns what there is to say to the person.

    Raises:
        SettingError: The studio must not start like this; the message says why.
    """
    if _is_prepared(environment):
        refuse_unsafe(environment, unowned=False)
        return ""
    result = subprocess.run(
        [sys.executable, "manage.py", "prepare"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if result.returncode != 0:
        raise SettingError(result.stderr.strip() or result.stdout.strip())
    said = result.stdout.strip()
    if not said and not environment.database_url:
        (environment.data / STAMP).write_text(_digest())
    return said


def _is_prepared(environment: Environment) -> bool:
    """Says whether nothing has changed. Of a database elsewhere only that database knows."""
    stamp = environment.data / STAMP
    return (
        not environment.database_url
        and (environment.data / "flowloft.sqlite3").exists()
        and stamp.exists()
        and stamp.read_text() == _digest()
    )


def _digest() -> str:
    """Returns a hash over our migrations and the versions of everybody else's."""
    total = hashlib.sha256()
    for path in [*sorted((ROOT / "migrations").rglob("*.py")), ROOT / "requirements" / "studio.txt"]:
        total.update(str(path.relative_to(ROOT)).encode())
        total.update(path.read_bytes())
    return total.hexdigest()
