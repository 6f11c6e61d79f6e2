"""The settings of the tests: a throw-away data directory, quick passwords, real servers.

`tests/conftest.py` starts Valkey (and PostgreSQL for `--db postgres`) before this is imported.
"""

from __future__ import annotations

import os
import tempfile

os.environ.setdefault("FLOWLOFT_DATA", tempfile.mkdtemp(prefix="flowloft-test-"))

from backend.config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
REST_FRAMEWORK = REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": {"sign_in": None}}  # noqa: F405
