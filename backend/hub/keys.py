"""The keys of connections: kept sealed, tried before they are kept, and what became of them."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.db import DatabaseError, IntegrityError, transaction
from django.db import connection as database
from django.utils import timezone
from flowloft.core.keys import HEARERS, KeyNews

from backend.common.crypt import UnreadableError, seal, unseal
from backend.common.errors import ApiError
from backend.hub.addresses import origin_of
from backend.hub.models import Connection, ConnectionKey, KeyState

MOST = 50
"""Keys of one connection."""
_QUIET = 20.0
"""Seconds between two notes that a key still answers."""
_log = logging.getLogger(__name__)
_noted: dict[str, float] = {}


def _bound_to(found: Connection) -> str:
    return f"{found.pk}|{origin_of(found.provider, found.base_url)}"


def key_seal(found: Connection, secret: str) -> str:
    """Seals a key for the host that the connection names now."""
    return seal(secret, _bound_to(found))


def key_open(key: ConnectionKey) -> str:
    """Returns a key in the clear; empty where it was given for another host."""
    try:
        return unseal(key.sealed, _bound_to(key.connection))
    except UnreadableError:
        return ""


def keys_open(found: Connection) -> dict[str, str]:
    """Returns the keys in the clear by id: those that do not rest, or all where all do."""
    if found._state.adding:
        return {}
    rows = list(found.keys.all())
    for row in rows:
        row.connection = found
    ready = [row for row in rows if not is_resting(row)] or rows
    opened = {str(row.pk): key_open(row) for row in ready}
    return {id: secret for id, secret in opened.items() if secret}


def is_resting(key: ConnectionKey) -> bool:
    """Says whether a key is set aside now."""
    return key.resting_until is not None and key.resting_until > timezone.now()


def keys_replace(found: Connection, secrets: Iterable[str]) -> None:
    """Puts other keys in place of all that a connection has."""
    found.keys.all().delete()
    for secret in secrets:
        key_add(found, secret)


def key_add(found: Connection, secret: str, name: str = "", *, good: bool = False) -> ConnectionKey:
    """Adds a key.

    Args:
        name: What the person calls it; ``Key 2`` and so on where empty.
        good: Whether it was tried and has answered.

    Raises:
        ApiError: 409 ``name_taken`` or ``too_many_keys``.
    """
    names = {one.casefold() for one in found.keys.values_list("name", flat=True)}
    if len(names) >= MOST:
        raise ApiError(
            409, "too_many_keys", f"A connection takes {MOST} keys.", "Remove some.", path="/api_key"
        )
    number = len(names) + 1
    while not name and f"key {number}" in names:
        number += 1
    row = ConnectionKey(connection=found, name=name or f"Key {number}", sealed=key_seal(found, secret))
    if good:
        row.state, row.answered_at = KeyState.ANSWERED, timezone.now()
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise ApiError(
            409, "name_taken", "A key of this connection has this name already.", "Choose another.",
            path="/name",
        ) from None  # fmt: skip
    return row


def key_note(key: ConnectionKey, error: Any = None) -> None:
    """Writes down what trying a key has shown."""
    if error is None:
        key.state, key.message, key.resting_until = KeyState.ANSWERED, "", None
        key.answered_at = timezone.now()
    elif error.error_code == "provider_auth":
        key.state, key.message = KeyState.REFUSED, error.message[:600]
    else:
        key.message = error.message[:600]
    key.save()


def hear(news: KeyNews) -> None:
    """Keeps what became of a key, so that every process knows, and the page. A call never fails by it."""
    if not _is_ours(news.key):
        return
    now = time.monotonic()
    answered = news.state == "answered"
    if answered and now - _noted.get(news.key, -_QUIET) < _QUIET:
        return
    if answered:
        _noted[news.key] = now
    else:
        _noted.pop(news.key, None)
    changed: dict[str, Any] = {"state": news.state, "message": news.message[:600]}
    if answered:
        changed |= {"answered_at": timezone.now(), "resting_until": None}
    else:
        changed["resting_until"] = datetime.fromtimestamp(news.until, UTC)
    try:
        ConnectionKey.objects.filter(pk=news.key).update(**changed)
    except DatabaseError:
        _log.exception("what became of a key could not be written down")
    finally:
        if not database.in_atomic_block:
            # Threads of the engine live on; each would keep a connection to the database.
            database.close()


def _is_ours(name: str) -> bool:
    """Says whether a key is kept here: those of scripts are called 1, 2 and so on."""
    try:
        return str(uuid.UUID(name)) == name
    except ValueError:
        return False


def listen() -> None:
    """Begins to hear of keys."""
    if hear not in HEARERS:
        HEARERS.append(hear)
