"""What happens to connections. An address is tried before it is kept; its keys never come back out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils import timezone
from flowloft.core import context as runtime
from flowloft.core.addresses import outgoing_proxy
from flowloft.core.errors import FlowloftError, InputError
from flowloft.core.provider import PROVIDERS, Offer

from backend.common.crypt import UnreadableError, seal, unseal
from backend.common.errors import ApiError
from backend.hub.addresses import clean_address, origin_of
from backend.hub.keys import key_add, key_note, key_open, keys_open, keys_replace
from backend.hub.models import Connection, ConnectionKey
from backend.hub.prices import price_for

BUILTIN = "builtin"
RESERVED = (BUILTIN, "default")
"""Names that mean something already in a reference to a model."""
CHECK_SECONDS = 20.0
MAX_MODELS = 500
"""Models kept of one connection; the largest gateways list about that many."""


def connect(connection: Connection, model: str = "", *, trusted: bool) -> runtime.Connection:
    """Returns what the runtime needs to reach it.

    Args:
        trusted: Whether it may point inside this machine or network: the owner's may.
    """
    return _reached(connection, trusted=trusted, model=model, keys=keys_open(connection))


def _reached(connection: Connection, *, trusted: bool, model: str = "", **keys: Any) -> runtime.Connection:
    address = connection.base_url or PROVIDERS.get(connection.provider).base_url
    return runtime.Connection(
        provider=connection.provider,
        name=connection.name,
        base_url=connection.base_url,
        model=model,
        options=dict(connection.limits) | ({} if trusted else {"guarded": True}),
        proxy=proxy_of(connection) or outgoing_proxy(address),
        price=price_for(connection.owner_id, connection.provider, model) if model else None,
        **keys,
    )


def proxy_of(connection: Connection) -> str:
    """Returns the connection's own proxy with its password; empty where it has none."""
    if not connection.sealed_proxy:
        return ""
    try:
        return unseal(connection.sealed_proxy, f"{connection.pk}|proxy")
    except UnreadableError:
        return ""


def check(connection: Connection, *, trusted: bool, key: str = "") -> list[Offer]:
    """Asks an address for its models, which shows that address and key are right.

    Raises:
        ProviderError: It does not answer, or refuses the key.
    """
    provider = PROVIDERS.get(connection.provider)
    reached = _reached(connection, trusted=trusted, api_key=key)
    return provider(reached, runtime.Context(timeout=CHECK_SECONDS)).list_models()[:MAX_MODELS]


def _fill(connection: Connection, given: dict[str, Any]) -> bool:
    """Sets what was given; returns whether its keys were for another host."""
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
    if "limits" in given:
        connection.limits = {name: value for name, value in given["limits"].items() if value is not None}
    if "proxy" in given:
        _proxy_set(connection, given["proxy"])
    return origin_of(connection.provider, connection.base_url) != before


def _proxy_set(connection: Connection, proxy: str) -> None:
    connection.sealed_proxy = connection.proxy_shown = ""
    if not proxy:
        return
    try:
        parts = urlsplit(proxy)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port is not None
    except ValueError:
        good = False
    if not good or parts.path.strip("/") or parts.query or not proxy.isascii() or " " in proxy:
        raise InputError(
            "That is no address of a proxy.",
            code="invalid_proxy",
            hint="Write it as http://host:port, or http://user:password@host:port.",
            extra={"path": "/proxy"},
        )
    connection.sealed_proxy = seal(proxy.rstrip("/"), f"{connection.pk}|proxy")
    connection.proxy_shown = f"{parts.scheme}://{parts.hostname}:{parts.port}"


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
    """Tries an address without keeping it; stored keys are used for their own host only."""
    connection = existing or Connection(owner=user)
    moved = _fill(connection, given)
    key = given.get("api_key", "")
    if "api_key" not in given and not moved:
        key = next(iter(keys_open(connection).values()), "")
    try:
        offers = check(connection, trusted=user.is_owner, key=key)
    except FlowloftError as error:
        return {"ok": False, "models": [], "error": error.payload()}
    return {"ok": True, "models": [_model(offer) for offer in offers], "error": None}


def _model(offer: Offer) -> dict[str, str]:
    return {"model": offer.model, "job": offer.job, "title": offer.title or offer.model}


def connection_save(*, user: Any, given: dict[str, Any], connection: Connection | None = None) -> Connection:
    """Keeps a connection after trying it.

    Args:
        given: ``name``, ``provider``, ``base_url``, ``proxy``, ``limits``, ``api_key`` (in place of all
            that it has), ``models`` (named by hand), and ``unchecked`` to keep an address that does
            not answer now.

    Raises:
        ProviderError: It was tried and failed.
        ApiError: 409 ``name_taken``.
    """
    found = connection or Connection(owner=user)
    moved = _fill(found, given)
    if "models" in given:
        found.known_models = given["models"]
    tried = bool({"provider", "base_url", "api_key", "proxy"} & given.keys()) and not given.get("unchecked")
    if tried:
        stored = "" if moved else next(iter(keys_open(found).values()), "")
        offers = check(found, trusted=user.is_owner, key=given.get("api_key", stored))
        if "models" not in given:
            _models_set(found, offers)
    try:
        with transaction.atomic():
            found.save()
            if moved or "api_key" in given:
                keys_replace(found, ())
            if given.get("api_key"):
                key_add(found, given["api_key"], good=tried)
    except IntegrityError:
        raise ApiError(
            409, "name_taken", "A connection of yours has this name already.", "Choose another.", path="/name"
        ) from None
    return found


def _models_set(connection: Connection, offers: list[Offer]) -> None:
    """Takes over what an address lists. A model that a person gave another job keeps it."""
    jobs = {known["model"]: known["job"] for known in connection.known_models}
    listed = [_model(offer) for offer in offers]
    connection.known_models = [{**one, "job": jobs.get(one["model"], one["job"])} for one in listed]
    connection.models_at = timezone.now()


def connection_refresh(*, user: Any, connection: Connection) -> Connection:
    """Asks the address for its models again.

    Raises:
        ProviderError: It does not answer, or refuses the key.
    """
    key = next(iter(keys_open(connection).values()), "")
    _models_set(connection, check(connection, trusted=user.is_owner, key=key))
    connection.save(update_fields=["known_models", "models_at", "updated_at"])
    return connection


def connection_key_add(
    *, user: Any, connection: Connection, secret: str, name: str, unchecked: bool
) -> ConnectionKey:
    """Adds a key after trying it.

    Raises:
        ProviderError: It was tried and refused.
        ApiError: 409 ``name_taken`` or ``too_many_keys``.
    """
    if not unchecked:
        check(connection, trusted=user.is_owner, key=secret)
    return key_add(connection, secret, name, good=not unchecked)


def connection_key_check(*, user: Any, key: ConnectionKey) -> ConnectionKey:
    """Tries one key; one that answers takes part again at once."""
    try:
        check(key.connection, trusted=user.is_owner, key=key_open(key))
    except FlowloftError as error:
        key_note(key, error)
    else:
        key_note(key)
    return key
