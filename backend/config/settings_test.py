"""The settings of the tests: quick passwords, no throttle, a database file that threads can share.

The servers and the data directory come from tests/servers.py, which sets the environment before this
is imported.
"""

from __future__ import annotations

from backend.config.settings import *  # noqa: F403
from backend.config.settings import DATA, DATABASES, REST_FRAMEWORK, SQLITE

DATABASES["default"]["CONN_MAX_AGE"] = 0
if DATABASES["default"]["ENGINE"] == SQLITE:
    # A file, because an in-memory database cannot be written to by several threads.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA / "test.sqlite3")}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
REST_FRAMEWORK = REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": {"sign_in": None, "visitors": "30/min"}}
