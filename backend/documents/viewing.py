"""A document as it is looked at: pictures of its pages, or its text with its places."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from flowloft.core.errors import NoFit
from flowloft.core.knowledge import BUNDLED
from flowloft.core.parser import Block, Parsed
from flowloft.rag import bundled

from backend.common.blobs import blob_path, roomy
from backend.common.errors import ApiError, not_found
from backend.documents import limits
from backend.documents.models import SourceDocument
from backend.documents.parsed import parsed_load, parsed_make

MEMORY = 2 * 1024**3


def text_of(document: SourceDocument, *, first: int, count: int) -> dict[str, Any]:
    """Returns blocks of a document's text, with offsets and headings.

    Raises:
        DocumentError: It can't be read.
        ApiError: 409 ``not_fetched``.
    """
    if not document.digest:
        raise ApiError(
            409, "not_fetched", "The document has not been fetched yet.", "Wait, or look at its log."
        )
    parsed = parsed_load(document) or parsed_make(document)
    return _shown(parsed, parsed.blocks[first : first + count], first)


def bundled_text(name: str, document: str) -> dict[str, Any]:
    """Returns a document of a set that comes with the studio, with the places of its chunks.

    Raises:
        ApiError: 404 ``not_found``: there is no such set, or no such document in it.
    """
    try:
        parsed, chunks = bundled(f"{BUNDLED}{name}").read(document)
    except NoFit as error:
        raise not_found() from error
    places = [{"id": one.id, "start": one.chunk.start, "end": one.chunk.end} for one in chunks]
    return {**_shown(parsed, parsed.blocks, 0), "chunks": places}


def _shown(parsed: Parsed, blocks: list[Block], first: int) -> dict[str, Any]:
    return {
        "title": parsed.title,
        "language": parsed.language,
        "characters": len(parsed.text),
        "total": len(parsed.blocks),
        "first": first,
        "blocks": [
            {
                "kind": block.kind,
                "text": block.text,
                "level": block.level,
                "page": block.place.page,
                "start": block.place.start,
                "end": block.place.end,
            }
            for block in blocks
        ],
    }


def is_paged(document: SourceDocument) -> bool:
    """Says whether pictures of the pages can be had."""
    return document.name.lower().endswith(".pdf") or document.media_type == "application/pdf"


def page_image(document: SourceDocument, number: int) -> Path:
    """Returns the picture of a page, made in a process with limits when it is first asked for.

    Args:
        number: Counted from 1.

    Raises:
        ApiError: 404 for a page that is not there; 422 ``unrenderable``.
    """
    if not is_paged(document) or not 1 <= number <= max(1, len(document.pages)):
        raise not_found()
    folder = limits.folder("pages") / document.digest[:2] / document.digest
    wanted = folder / f"{number}.webp"
    if wanted.exists():
        return wanted
    with roomy():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        first = (number - 1) // limits.PAGES_AT_ONCE * limits.PAGES_AT_ONCE + 1
        _render(blob_path(document.digest), folder, first)
    if not wanted.exists():
        raise ApiError(
            422, "unrenderable", f"Page {number} can't be drawn.", "Look at the text of the document instead."
        )
    return wanted


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.RENDER_SECONDS, limits.RENDER_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 20, 64 << 20))


def _render(source: Path, folder: Path, first: int) -> None:
    argv = [sys.executable, "-m", "backend.documents.render", str(source), str(folder), str(first)]
    try:
        subprocess.run(
            [*argv, str(limits.PAGES_AT_ONCE), str(limits.PAGE_PIXELS)],
            env={"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=2 * limits.RENDER_SECONDS,
            check=False,
            preexec_fn=_limited,
        )
    except subprocess.TimeoutExpired:
        return
