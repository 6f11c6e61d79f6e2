"""The stable address of a service: the studio asks it, with the studio's own sign-in in front."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
from asgiref.sync import sync_to_async
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from backend.common.errors import ApiError
from backend.serving.launching import key_of
from backend.serving.models import Service
from backend.serving.services import require_ready

PATHS = {
    "chat/completions": "POST",
    "completions": "POST",
    "embeddings": "POST",
    "rerank": "POST",
    "score": "POST",
    "models": "GET",
}
"""What is passed on. Loading adapters has an address of its own, for the owner."""
IDLE_SECONDS = 300.0


def pass_on(service: Service, method: str, path: str, body: bytes) -> HttpResponseBase:
    """Asks a service and returns its answer, in pieces as they come.

    Raises:
        ApiError: 404 ``not_found``, 409 ``service_not_ready``, 502 ``service_silent``.
    """
    if PATHS.get(path) != method:
        raise ApiError(
            404, "not_found", f"{method} {path} is not served here.", f"There are: {', '.join(PATHS)}."
        )
    require_ready(service)
    client = httpx.Client(trust_env=False, timeout=httpx.Timeout(IDLE_SECONDS, connect=10))
    headers = {"Authorization": f"Bearer {key_of(service)}", "Content-Type": "application/json"}
    asked = client.build_request(method, f"{service.url}/v1/{path}", headers=headers, content=body or None)
    try:
        answer = client.send(asked, stream=True)
    except httpx.HTTPError as error:
        client.close()
        raise ApiError(
            502, "service_silent", f"The service “{service.name}” does not answer.", str(error)
        ) from error
    kind = answer.headers.get("content-type", "application/json")
    if not kind.startswith("text/event-stream"):
        try:
            return HttpResponse(answer.read(), status=answer.status_code, content_type=kind)
        except httpx.HTTPError as error:
            raise ApiError(
                502, "service_silent", f"The service “{service.name}” broke off.", str(error)
            ) from error
        finally:
            answer.close()
            client.close()
    quiet = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(
        _pieces(client, answer), status=answer.status_code, content_type=kind, headers=quiet
    )


async def _pieces(client: httpx.Client, answer: httpx.Response) -> AsyncIterator[bytes]:
    pieces = answer.iter_raw()
    take = sync_to_async(_next, thread_sensitive=False)
    try:
        while (piece := await take(pieces)) is not None:
            yield piece
    finally:
        # Also when the browser went away: the engine then stops computing for nobody.
        await sync_to_async(_close, thread_sensitive=False)(client, answer)


def _next(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)


def _close(client: Any, answer: Any) -> None:
    answer.close()
    client.close()
