"""HTTP by Django, WebSockets by Channels, in one ASGI application."""

from __future__ import annotations

import os

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings")
http = get_asgi_application()

# Below the line above, because they need the models loaded.
from backend.accounts.sockets import SocketGate  # noqa: E402
from backend.config.routing import websocket_urlpatterns  # noqa: E402

application = ProtocolTypeRouter({"http": http, "websocket": SocketGate(URLRouter(websocket_urlpatterns))})
