"""Which pages may talk to this studio. Scheme, host and port all count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host

_DEFAULT_PORT = {"http": 80, "https": 443, "ws": 80, "wss": 443}


def _triple(url: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORT.get(parts.scheme)
    except ValueError:
        return None
    if not parts.hostname or port is None:
        return None
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    return scheme, parts.hostname, port


def origin_allowed(scope: Mapping[str, Any]) -> bool:
    """Says whether a socket's origin is this studio's own page or one of ``FLOWLOFT_ORIGINS``.

    Programs send no Origin header, and have no browser that a foreign page could abuse: allowed.
    The Host header has been checked against the allowed hosts here too.
    """
    headers = {name.lower(): value.decode("latin-1") for name, value in scope.get("headers", [])}
    own = _triple(f"{scope.get('scheme', 'ws')}://{headers.get(b'host', '')}")
    if own is None or not _host_allowed(own[1]):
        return False
    origin = headers.get(b"origin")
    if origin is None:
        return True
    wanted = _triple(origin)
    if wanted is None:
        return False
    return wanted == own or wanted in {_triple(trusted) for trusted in settings.CSRF_TRUSTED_ORIGINS}


def _host_allowed(host: str) -> bool:
    return validate_host(f"[{host}]" if ":" in host else host, settings.ALLOWED_HOSTS)
