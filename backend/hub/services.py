"""What happens to connections. An address is tried before it is kept; its key never comes back out."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from flowloft.core import context as runtime
from flowloft.core.errors import FlowloftError, InputError
from flowloft.core.provider import PROVIDERS, Offer

from backend.common.crypt import UnreadableError, seal, unseal
from backend.common.errors import ApiError
from backend.hub.addresses import clean_address, origin_of
from backend.hub.models import Connection

BUILTIN = "builtin"
CHECK_SECONDS = 20.0
MAX_MODELS = 500
"""Models kept of one connection; the largest gateways list about that many."""


def _bound_to(connection: Connection) -> str:
    return f"{connection.pk}|{origin_of(connection.provider, connection.base_url)}"


def key_set(connection: Connection, key: str) -> None:
    """Seals a key for the host that the connection names now."""
    connection.sealed_key = seal(key, _bound_to(connection)) if key else ""


def key_of(connection: Connection) -> str:
    """Returns the key in the clear; empty where there is none, or where it was given for another host."""
    if not connection.sealed_key:
        return ""
    try:
        return unseal(connection.sealed_key, _bound_to(connection))
    except UnreadableError:
        return ""


def connect(connection: Connection, model: str = "", *, trusted: bool) -> runtime.Connection:
    """Returns what the runtime needs to reach it.

    Args:
        trusted: Whether it may point inside this machine or network: the owner's may.
    """
    return runtime.Connection(
        provider=connection.provider,
        name=connection.name,
        base_url=connection.base_url,
        api_key=key_of(connection),
        model=model,
        options={} if trusted else {"guarded": True},
    )


def check(connection: Connection, *, trusted: bool) -> list[Offer]:
    """Asks an address for its models, which shows that address and key are right.

    Raises:
        ProviderError: It does not answer, or refuses the key.
    """
    provider = PROVIDERS.get(connection.provider)
    asked = provider(connect(connection, trusted=trusted), runtime.Context(timeout=CHECK_SECONDS))
    return asked.list_models()[:MAX_MODELS]


def _fill(connection: Connection, given: dict[str, Any]) -> None:
    """Sets what was given. A key stays only where the host stays."""
    before = origin_of(connection.provider, connection.base_url) if connection.provider else ""
    for name in ("name", "provider"):
        if name in given:
            setattr(connection, name, given[name])
    if "base_url" in given:
        connection.base_url = clean_address(given["base_url"]) if given["base_url"] else ""
    provider = _usable(connection.provider)
    if not connection.base_url and not provider.base_url:
        raise InputError(
            f"{provider.title} has no address of its own.",
            code="address_missing",
            hint="Give the address up to /v1.",
            extra={"path": "/base_url"},
        )
    if "api_key" in given:
        key_set(connection, given["api_key"])
    elif origin_of(connection.provider, connection.base_url) != before:
        connection.sealed_key = ""


def _usable(key: str) -> Any:
    if key not in PROVIDERS or PROVIDERS.get(key).builtin:
        known = [name for name, member in PROVIDERS.all().items() if not member.builtin]
        raise InputError(
            f"There is no provider “{key}”.",
            code="unknown_provider",
            hint=f"There are: {', '.join(known)}.",
            extra={"path": "/provider"},
        )
    return PROVIDERS.get(key)


def probe(*, user: Any, given: dict[str, Any], existing: Connection | None = None) -> dict[str, Any]:
    """Tries an address without keeping it; a stored key is used for its own host only."""
    connection = existing or Connection(owner=user)
    _fill(connection, given)
    try:
        offers = check(connection, trusted=user.is_owner)
    except FlowloftError as error:
        return {"ok": False, "models": [], "error": error.payload()}
    return {"ok": True, "models": [_model(offer) for offer in offers], "error": None}


def _model(offer: Offer) -> dict[str, str]:
    return {"model": offer.model, "job": offer.job, "title": offer.title or offer.model}


def connection_save(*, user: Any, given: dict[str, Any], connection: Connection | None = None) -> Connection:
    """Keeps a connection after trying it.

    Args:
        given: ``name``, ``provider``, ``base_url``, ``api_key``, ``models`` (names added by hand), and
            ``unchecked`` to keep an address that does not answer now.

    Raises:
        ProviderError: It was tried and failed.
        ApiError: 409 ``name_taken``.
    """
    found = connection or Connection(owner=user)
    _fill(found, given)
    if "models" in given:
        found.known_models = given["models"]
    tried = {"provider", "base_url", "api_key"} & given.keys()
    if tried and not given.get("unchecked"):
        offers = check(found, trusted=user.is_owner)
        if "models" not in given:
            found.known_models = [_model(offer) for offer in offers]
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise ApiError(
            409, "name_taken", "A connection of yours has this name already.", "Choose another.", path="/name"
        ) from None
    return found
