"""Reads small documents before their turn, many in one sandbox: to start it takes longer than to read."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable

from flowloft.core.parser import Parsed, parser_for
from flowloft.rag import DocumentError, ParseLimits, Waiting, parse_together

from backend.common.blobs import blob_path
from backend.documents import limits
from backend.documents.models import SourceDocument
from backend.documents.parsed import parsed_drop, parsed_keep, parsed_load
from backend.documents.states import State, Step

_guard = threading.Lock()
_reading: dict[uuid.UUID, threading.Event] = {}
"""Documents that a thread of this process reads now."""
_read: set[uuid.UUID] = set()
"""Documents that were read here and whose turn has not come."""


def read_ahead(document: SourceDocument, check: Callable[[], None]) -> Parsed | None:
    """Returns what was read of a document before its turn; reads others of its base along with it.

    None where it has to be read alone: it is large, the only one, or there is a difficulty with it.

    Raises:
        Lost: As ``check`` says.
    """
    _await(document.id, check)
    if document.id not in _read and document.size <= limits.SMALL_BYTES:
        _read_series(document, check)
    if document.id not in _read:
        return None
    _read.discard(document.id)
    return parsed_load(document)


def _await(document_id: uuid.UUID, check: Callable[[], None]) -> None:
    with _guard:
        other = _reading.get(document_id)
    while other is not None and not other.wait(0.1):
        check()


def _read_series(document: SourceDocument, check: Callable[[], None]) -> None:
    waiting = SourceDocument.objects.filter(
        knowledge=document.knowledge_id, state=State.QUEUED, step=Step.PARSE, size__lte=limits.SMALL_BYTES
    ).exclude(digest="")
    over = threading.Event()
    with _guard:
        taken = {*_reading, *_read}
        others = [
            one for one in waiting.order_by("queued_at", "id")[: 4 * limits.SERIES] if one.id not in taken
        ]
        series = [document, *others[: limits.SERIES - 1]]
        _reading.update(dict.fromkeys([one.id for one in series], over))
    try:
        if len(series) > 1:
            _parse(document, series, check)
    finally:
        with _guard:
            for one in series:
                _reading.pop(one.id, None)
        over.set()


def _parse(document: SourceDocument, series: list[SourceDocument], check: Callable[[], None]) -> None:
    for one in series:
        one.knowledge = document.knowledge
    within = ParseLimits(seconds=limits.SERIES_SECONDS)
    for one, parsed in zip(
        series, parse_together([_waiting(one) for one in series], limits=within, check=check), strict=True
    ):
        if parsed is not None:
            parsed_keep(one, parsed)
            _read.add(one.id)
    there = set(SourceDocument.objects.filter(id__in=[one.id for one in series]).values_list("id", flat=True))
    for one in series:
        if one.id not in there:
            _read.discard(one.id)
            parsed_drop(one)


def _waiting(document: SourceDocument) -> Waiting:
    try:
        key = parser_for(document.name, document.media_type)
    except DocumentError:
        key = ""
    return Waiting(
        path=blob_path(document.digest),
        filename=document.name,
        media_type=document.media_type,
        parser=key,
        settings=document.knowledge.parsing.get(key),
    )
