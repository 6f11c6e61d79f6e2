"""A file of any size as an answer: in pieces, from any byte on, and not at all where it is known; or while
it is being made. What Django offers for it would hold all of it in memory first."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from asgiref.sync import sync_to_async
from django.db import connections
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header
from rest_framework.request import Request

PIECE = 256 * 1024
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def file_answer(
    request: Request,
    place: Path,
    *,
    name: str,
    etag: str,
    media_type: str = "application/zip",
    shown: bool = False,
    fresh_seconds: int = 0,
) -> HttpResponseBase:
    """Answers with a file, by RFC 9110: ``If-None-Match``, ``If-Range`` and one ``Range``.

    Args:
        etag: With its quotes; strong.
        shown: Whether a browser may show it; else it is kept as a file.
        fresh_seconds: For how long nobody asks again whether it has changed.
    """
    size = place.stat().st_size
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": f"private, max-age={fresh_seconds}" if fresh_seconds else "private, no-cache",
        **_named(name, shown=shown),
    }
    if knows(request, etag):
        return HttpResponse(status=304, headers=headers)
    first, last, status = 0, size - 1, 200
    asked = request.headers.get("Range", "")
    if asked and request.headers.get("If-Range", etag) == etag and (found := _RANGE.fullmatch(asked.strip())):
        wanted = _span(found[1], found[2], size)
        if wanted is None:
            return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
        (first, last), status = wanted, 206
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    headers["Content-Length"] = str(last - first + 1)
    body = _pieces(place, first, last - first + 1)
    return StreamingHttpResponse(body, status=status, content_type=media_type, headers=headers)


def made_answer(
    pieces: Generator[bytes, None, None], *, name: str, media_type: str = "application/zip"
) -> HttpResponseBase:
    """Answers with a file while it is made: whoever waits sees it grow, and nothing waits on the disk.

    Where making it fails the answer breaks off, so that nobody takes it for whole: what can be checked is
    to be checked before.

    Args:
        pieces: Makes it; runs in a thread of its own, and is closed when the caller goes away.
    """
    headers = {"Cache-Control": "private, no-store", **_named(name)}
    return StreamingHttpResponse(_made(pieces), content_type=media_type, headers=headers)


def _named(name: str, *, shown: bool = False) -> dict[str, str]:
    how = content_disposition_header(as_attachment=not shown, filename=name)
    return {
        "Content-Disposition": how or ("inline" if shown else "attachment"),
        "X-Content-Type-Options": "nosniff",
    }


def knows(request: Request, etag: str) -> bool:
    """Says whether the caller has the content already."""
    given = request.headers.get("If-None-Match", "")
    known = [tag.strip().removeprefix("W/") for tag in given.split(",")]
    return etag in known or "*" in known


def _span(first: str, last: str, size: int) -> tuple[int, int] | None:
    """Returns the first and last byte; None where there are none of those asked for."""
    if not first:
        length = min(int(last or 0), size)
        return (size - length, size - 1) if length else None
    begin, end = int(first), min(int(last) if last else size - 1, size - 1)
    return (begin, end) if begin <= end else None


async def _pieces(place: Path, first: int, left: int) -> AsyncIterator[bytes]:
    with place.open("rb") as file:
        file.seek(first)
        while left > 0 and (piece := await asyncio.to_thread(file.read, min(PIECE, left))):
            left -= len(piece)
            yield piece


async def _made(pieces: Generator[bytes, None, None]) -> AsyncIterator[bytes]:
    # One thread for all of it, as a connection to the database is a thread's own.
    thread = ThreadPoolExecutor(1, thread_name_prefix="download")
    take = sync_to_async(_next, thread_sensitive=False, executor=thread)
    try:
        while (piece := await take(pieces)) is not None:
            yield piece
    finally:
        thread.submit(_let_go, pieces)
        thread.shutdown(wait=False)


def _next(pieces: Generator[bytes, None, None]) -> bytes | None:
    return next(pieces, None)


def _let_go(pieces: Generator[bytes, None, None]) -> None:
    pieces.close()
    connections.close_all()
