"""Documents as text, kept beside the database: they can be made again from the originals."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

from flowloft.core.parser import Parsed, parser_for
from flowloft.rag import parse_limited

from backend.common.blobs import blob_path, roomy
from backend.documents import limits
from backend.documents.models import SourceDocument


def _nothing() -> None:
    """Never gives up."""


def _place(document: SourceDocument, parsing: dict[str, object]) -> Path:
    told = json.dumps([document.digest, document.name, document.media_type, parsing], sort_keys=True)
    mark = hashlib.sha256(told.encode()).hexdigest()[:16]
    return _folder(document) / f"{mark}.json.gz"


def _folder(document: SourceDocument) -> Path:
    return limits.folder("parsed") / document.id.hex[:2] / document.id.hex


def parsed_load(document: SourceDocument) -> Parsed | None:
    """Returns what was read of a document with the present settings, if it was."""
    place = _place(document, document.knowledge.parsing)
    try:
        return Parsed.model_validate_json(gzip.decompress(place.read_bytes()))
    except (FileNotFoundError, EOFError, ValueError, OSError):
        return None


def parsed_make(document: SourceDocument, check: Callable[[], None] = _nothing) -> Parsed:
    """Reads a document in a process with limits, and keeps the result.

    Raises:
        DocumentError: It can't be read; the code is the reason.
        ApiError: 507 ``no_space``.
    """
    parsing = document.knowledge.parsing
    key = parser_for(document.name, document.media_type)
    parsed = parse_limited(
        blob_path(document.digest),
        filename=document.name,
        media_type=document.media_type,
        parser=key,
        settings=parsing.get(key),
        check=check,
    )
    parsed_keep(document, parsed)
    return parsed


def parsed_keep(document: SourceDocument, parsed: Parsed) -> None:
    """Keeps what was read of a document, in the place of what was before.

    Raises:
        ApiError: 507 ``no_space``.
    """
    place = _place(document, document.knowledge.parsing)
    with roomy():
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = place.with_suffix(".new")
        fresh.write_bytes(gzip.compress(parsed.model_dump_json().encode("utf-8", "replace"), 5))
        fresh.replace(place)
    for old in place.parent.iterdir():
        if old != place:
            old.unlink(missing_ok=True)


def parsed_drop(document: SourceDocument) -> None:
    """Forgets what was read of a document."""
    shutil.rmtree(_folder(document), ignore_errors=True)
