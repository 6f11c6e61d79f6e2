"""Who is asking: a program with an access token, or a browser with a session."""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from backend.accounts.models import User
from backend.accounts.services import token_user

SAFE = ("GET", "HEAD", "OPTIONS")


class AccessTokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer <token>``. Comes first, so that its header names the way in on a 401."""

    def authenticate(self, request: Request) -> tuple[Any, str] | None:
        kind, _, text = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        user = token_user(text.strip())
        if user is None:
            raise AuthenticationFailed("This access token is not known, or has been withdrawn.")
        return user, text

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="flowloft"'


class CheckedSessionAuthentication(SessionAuthentication):
    """A session cookie. The cross-site check covers signing in and claiming too, not only people
    who are signed in: else a foreign page could sign somebody in as somebody else."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        if request.method not in SAFE:
            self.enforce_csrf(request)
        user = getattr(request._request, "user", None)
        if user is None or not user.is_active:
            return None
        return user, None


def asker(request: Request) -> User:
    """Returns who asks, where only people who are signed in get in.

    Raises:
        NotAuthenticated: Nobody; views say so before they come here.
    """
    user = request.user
    if not isinstance(user, User):
        raise NotAuthenticated
    return user
