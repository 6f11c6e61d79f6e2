"""Asking one model without a flow, so that a tuned one stands beside its base."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

from asgiref.sync import sync_to_async
from flowloft.core.context import CancelToken, Context
from flowloft.core.errors import FlowloftError
from flowloft.core.provider import open_model

from backend.hub.source import model_source_for

SECONDS = 300.0


def answer_of(
    user: Any, *, model: str, messages: list[dict[str, Any]], max_tokens: int
) -> AsyncIterator[bytes]:
    """Returns the answer as server-sent events: ``text``, then ``end`` or ``failed``.

    Raises:
        NoFit: There is no such model, or its service does not run.
    """
    cancel = CancelToken()
    context = Context(models=model_source_for(user), timeout=SECONDS, cancel=cancel)
    opened = open_model(context, model)
    return _told(opened.stream(messages, max_tokens=max_tokens, temperature=0.0), cancel)


async def _told(pieces: Iterator[Any], cancel: CancelToken) -> AsyncIterator[bytes]:
    take = sync_to_async(_next, thread_sensitive=False)
    try:
        while (piece := await take(pieces)) is not None:
            if piece.text:
                yield _event("text", {"text": piece.text})
        yield _event("end", {})
    except FlowloftError as error:
        shown = {"code": error.code, "message": error.message, "hint": error.hint, "extra": error.extra}
        yield _event("failed", shown)
    finally:
        # Also when the browser went away: the model then stops computing for nobody.
        cancel.cancel()


def _next(pieces: Iterator[Any]) -> Any:
    return next(pieces, None)


def _event(kind: str, facts: dict[str, Any]) -> bytes:
    return f"event: {kind}\ndata: {json.dumps(facts, ensure_ascii=False, default=str)}\n\n".encode()
