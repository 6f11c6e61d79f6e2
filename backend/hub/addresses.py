"""What a key is bound to: scheme, host and port of where it may be sent."""

from __future__ import annotations

from urllib.parse import urlsplit

from flowloft.core.errors import InputError
from flowloft.core.provider import PROVIDERS


def _refused(message: str) -> InputError:
    return InputError(
        message,
        code="invalid_address",
        hint="Write the address up to /v1, for instance http://127.0.0.1:11434/v1.",
        extra={"path": "/base_url"},
    )


def clean_address(base_url: str) -> str:
    """Returns an address without a trailing slash.

    Raises:
        InputError: ``invalid_address``: not http(s), or with a user, a query or a fragment in it.
    """
    try:
        parts = urlsplit(base_url.strip())
        _ = parts.port
    except ValueError:
        raise _refused("That is no address.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _refused("An address begins with http:// or https:// and names a host.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise _refused("An address holds no user, password, query or fragment.")
    if not parts.netloc.isascii() or any(mark.isspace() for mark in base_url.strip()):
        raise _refused("An address holds ASCII characters only, and no space.")
    return base_url.strip().rstrip("/")


def origin_of(provider: str, base_url: str) -> str:
    """Returns ``scheme://host:port`` of a connection, by its provider's address where it has none."""
    parts = urlsplit(base_url or PROVIDERS.get(provider).base_url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    return f"{parts.scheme}://{parts.hostname}:{port}"
