"""How a worker on another host gets the key that opens stored secrets, with REDIS_URL alone.

Apart from the key file, so that the supervisor needs no Redis client.
"""

from __future__ import annotations

import secrets

from redis import Redis, RedisError

from backend.config.environment import Environment, SettingError
from backend.config.secrets import Keys

OFFERED = "flowloft:encryption-key"


def offer_key(environment: Environment, key: str) -> None:
    """Leaves the key with the broker that the studio was given.

    The embedded broker has no other workers, and whoever sets FLOWLOFT_ENCRYPTION_KEY hands it out
    themselves.
    """
    if environment.redis_url and not environment.encryption_key and not environment.joins:
        _client(environment).set(OFFERED, key)


def joined_keys(environment: Environment) -> Keys:
    """Returns the keys of a worker that joins. It signs nothing, so that key is any.

    Raises:
        SettingError: There is no studio to join.
    """
    return Keys(secrets.token_urlsafe(48), environment.encryption_key or _offered(environment))


def _offered(environment: Environment) -> str:
    try:
        found = _client(environment).get(OFFERED)
    except RedisError as error:
        raise SettingError(f"REDIS_URL does not answer: {error}") from error
    if not isinstance(found, bytes):
        raise SettingError("No studio runs with this REDIS_URL. Start it first, then its further workers.")
    return found.decode()


def _client(environment: Environment) -> Redis:
    return Redis.from_url(environment.broker_url, socket_timeout=5, socket_connect_timeout=5)
