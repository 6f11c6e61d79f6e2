"""The studio's settings for tests that kill: kinds that are slow or count, and short leases."""

from __future__ import annotations

from pathlib import Path

import flowloft.nodes

from backend.config.settings import *  # noqa: F403

flowloft.nodes.__path__.append(str(Path(__file__).parent / "kinds"))

RUN_LEASE = 3.0
INGEST_LEASE = 2.0
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
