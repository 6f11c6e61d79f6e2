"""Secrets at rest: AES-256-GCM, each bound to what it is for, so that it opens nowhere else."""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_VERSION = "v1."
_NONCE = 12


class UnreadableError(Exception):
    """The stored secret was made with another key, or for something else."""


def _cipher() -> AESGCM:
    return AESGCM(base64.urlsafe_b64decode(settings.FLOWLOFT_ENCRYPTION_KEY))


def seal(secret: str, bound_to: str) -> str:
    """Encrypts a secret.

    Args:
        secret: Any text.
        bound_to: What it is for, such as a host; it opens only with the same again.

    Returns:
        ASCII text to store.
    """
    nonce = os.urandom(_NONCE)
    sealed = _cipher().encrypt(nonce, secret.encode(), bound_to.encode())
    return _VERSION + base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(stored: str, bound_to: str) -> str:
    """Decrypts what :func:`seal` made.

    Raises:
        UnreadableError: Another key, another purpose, or a changed text.
    """
    raw = base64.urlsafe_b64decode(stored.removeprefix(_VERSION))
    try:
        return _cipher().decrypt(raw[:_NONCE], raw[_NONCE:], bound_to.encode()).decode()
    except InvalidTag:
        raise UnreadableError("A stored key cannot be read any more.") from None
