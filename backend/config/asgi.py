"""HTTP by Django, WebSockets by Channels, in one ASGI application."""

from __future__ import annotations

import os

from channels.routing import ProtocolTypeRouter, URLRouter

from backend.config.web import application as web

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings")
http = web()

# Below the line above, because they need the models loaded.
from backend.accounts.sockets import SocketGate  # noqa: E402
from backend.config.routing import websocket_urlpatterns  # noqa: E402

application = ProtocolTypeRouter({"http": http, "websocket": SocketGate(URLRouter(websocket_urlpatterns))})
