"""Django's HTTP side on a pool of threads that live on.

Django gives each request a thread of its own, which opens its own connection to the database, and
hops between loop and thread for every middleware. Measured on a POST that starts a run: 13 ms of
processor time, against 8 ms with one hop to a thread that is there already.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import django
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

THREADS = 40
"""Requests that are answered at the same time; each thread keeps one connection to the database."""

_POOL = ThreadPoolExecutor(THREADS, thread_name_prefix="request")


class PooledHandler(ASGIHandler):
    """Runs middleware and view in one thread of the pool."""

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.handle(scope, receive, send)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self._answer, thread_sensitive=False, executor=_POOL)(request)

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        close_old_connections()
        try:
            return self.get_response(request)
        finally:
            close_old_connections()


def application() -> PooledHandler:
    """Returns Django as an ASGI application."""
    django.setup(set_prefix=False)
    return PooledHandler()
