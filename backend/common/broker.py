"""The one synchronous connection to Valkey or Redis that the backend itself uses."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from redis import Redis


@lru_cache(maxsize=1)
def broker() -> Redis:
    """Returns the shared client. Calls fail within 2 s where the server is gone or hangs."""
    return Redis.from_url(settings.BROKER_URL, socket_timeout=2, socket_connect_timeout=2)
