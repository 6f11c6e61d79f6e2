"""Addresses of this room, below /api/v1/."""

from django.urls import path

from backend.accounts import api

urlpatterns = [
    path("session", api.Session.as_view(), name="session"),
    path("claim", api.Claim.as_view(), name="claim"),
    path("tokens", api.Tokens.as_view(), name="tokens"),
    path("tokens/<uuid:id>", api.TokenDetail.as_view(), name="token"),
]
