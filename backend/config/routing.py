"""The addresses of all WebSockets."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings

websocket_urlpatterns: list[Any] = [
    pattern
    for room in settings.APPS
    if find_spec(f"backend.{room}.routing")
    for pattern in import_module(f"backend.{room}.routing").websocket_urlpatterns
]
