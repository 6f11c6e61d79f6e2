"""Lists come in pages by cursor: stable while rows are added, and as fast at the end as at the start."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flowloft.core.errors import InputError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


class Pages(CursorPagination):
    """``{results, next, previous}``; the links are paths of this server."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"
    ordering: Any = ("-created_at", "-pk")

    def decode_cursor(self, request: Request) -> Any:
        try:
            return super().decode_cursor(request)
        except NotFound:
            raise InputError(
                "This is no place in the list.",
                code="invalid_cursor",
                hint="Take the address from `next` or `previous`, or start without a cursor.",
            ) from None

    def get_next_link(self) -> str | None:
        return _path(super().get_next_link())

    def get_previous_link(self) -> str | None:
        return _path(super().get_previous_link())


def _path(link: str | None) -> str | None:
    if link is None:
        return None
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"
