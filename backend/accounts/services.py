"""What happens to people and tokens."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from backend.accounts.models import AccessToken, User
from backend.common.errors import ApiError

TOKEN_PREFIX = "flt_"  # noqa: S105 - a mark that secret scanners can find, no secret
USED_EVERY = timedelta(minutes=1)
"""How exactly the last use of a token is kept."""


def needs_owner() -> bool:
    """Says whether the studio still waits for its first person."""
    return not User.objects.filter(is_owner=True).exists()


def _claim_matches(token: str) -> bool:
    try:
        expected = settings.CLAIM_FILE.read_text().strip()
    except OSError:
        return False
    return bool(expected) and hmac.compare_digest(expected.encode(), token.encode())


def check_password(password: str, user: User | None = None) -> None:
    """Raises ``weak_password`` with every reason."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise ApiError(
            400, "weak_password", " ".join(error.messages), "Choose a longer one.", path="/password"
        ) from None


def owner_claim(*, token: str, username: str, password: str, language: str = "") -> User:
    """Makes the first person. The link from the terminal works once.

    Raises:
        ApiError: 403 ``claim_refused``; 400 ``weak_password``.
    """
    refused = ApiError(
        403,
        "claim_refused",
        "This link has been used, or belongs to another start of the studio.",
        "Open the newest link that the terminal shows, or sign in.",
    )
    if not needs_owner() or not _claim_matches(token):
        raise refused
    check_password(password)
    try:
        with transaction.atomic():
            user = User.objects.create_user(username, password, is_owner=True, language=language)
    except IntegrityError:
        raise refused from None
    settings.CLAIM_FILE.unlink(missing_ok=True)
    return user


def digest_of(token: str) -> str:
    """Returns what is kept of a token. Tokens are random, so a plain digest is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_create(*, owner: User, name: str) -> tuple[AccessToken, str]:
    """Makes an access token; returns it with the text that is shown this once."""
    text = TOKEN_PREFIX + secrets.token_urlsafe(32)
    made = AccessToken.objects.create(owner=owner, name=name, digest=digest_of(text), start=text[:8])
    return made, text


def token_user(text: str) -> User | None:
    """Returns whose token this is, and notes its use."""
    found = (
        AccessToken.objects.select_related("owner")
        .filter(digest=digest_of(text), owner__is_active=True)
        .first()
    )
    if found is None:
        return None
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_EVERY)
    if found.last_used_at is None or found.last_used_at < now - USED_EVERY:
        AccessToken.objects.filter(stale, pk=found.pk).update(last_used_at=now)
    return found.owner


def describe(user: Any) -> dict[str, Any]:
    """Returns what the page knows of a person."""
    return {
        "id": str(user.pk),
        "username": user.username,
        "is_owner": user.is_owner,
        "language": user.language,
    }
