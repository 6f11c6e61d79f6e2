"""Keys that open one flow to programs, and nothing else of the studio."""

from __future__ import annotations

import secrets
from typing import Any

from django.db.models import Q
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from backend.accounts.services import USED_EVERY, digest_of
from backend.flows.models import Flow
from backend.sharing.models import FlowKey

PREFIX = "flk_"
"""Another mark than that of access tokens: a scanner, and who reads a log, can tell them apart."""


def flow_key_create(*, flow: Flow, name: str) -> tuple[FlowKey, str]:
    """Makes a key of a flow; returns it with the text that is shown this once."""
    text = PREFIX + secrets.token_urlsafe(32)
    made = FlowKey.objects.create(flow=flow, name=name, digest=digest_of(text), start=text[:8])
    return made, text


def flow_key_find(*, text: str, flow_id: Any) -> FlowKey | None:
    """Returns the key, where it opens this flow, and notes its use."""
    found = (
        FlowKey.objects.select_related("flow__owner")
        .filter(digest=digest_of(text), flow_id=flow_id, flow__owner__is_active=True)
        .first()
    )
    if found is not None:
        now = timezone.now()
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_EVERY)
        FlowKey.objects.filter(stale, pk=found.pk).update(last_used_at=now)
    return found


class FlowKeyAuthentication(BaseAuthentication):
    """``Authorization: Bearer flk_...``, for views whose address names the flow. No other view asks it."""

    def authenticate(self, request: Request) -> tuple[Any, FlowKey] | None:
        kind, _, text = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer" or not text.strip().startswith(PREFIX):
            return None
        flow_id = request.parser_context["kwargs"]["flow_id"]
        found = flow_key_find(text=text.strip(), flow_id=flow_id)
        if found is None:
            raise AuthenticationFailed("This key does not open this flow, or has been withdrawn.")
        return found.flow.owner, found

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="flowloft"'
