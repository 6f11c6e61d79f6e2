"""Every number that bounds knowledge bases, in one place. Seconds and bytes unless named otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings


def _setting(name: str, default: Any) -> Any:
    return getattr(settings, name, default)


LEASE = float(_setting("INGEST_LEASE", 15.0))
"""How long a worker that went silent counts as alive."""
BEAT = LEASE / 5
LOOK_EVERY = 1.0
AT_ONCE = int(_setting("INGEST_AT_ONCE", 2))
"""Documents that one worker works on at the same time: they compute, and each holds its text."""
PAUSE = 2.0
"""Before a step that met something that may pass is tried again; twice as long each time."""
TOLD_EVERY = 0.4
"""How often progress is written; a cancel is noticed within it."""
BATCH = 64
"""Chunks that are embedded or written at a time."""

SMALL_BYTES = 256 * 1024
"""Up to this size documents are read together with others, ``SERIES`` in one sandbox."""
SERIES = 16
SERIES_SECONDS = 15.0
"""What one may take in a series; who takes longer is read alone."""

FILE_BYTES = int(_setting("UPLOAD_BYTES", 200 * 1024 * 1024))
PART_BYTES = 8 * 1024 * 1024
"""The largest piece of an upload; what arrived stays when the line breaks."""
TEXT_BYTES = 2 * 1024 * 1024
"""A text that is pasted."""
UPLOAD_HOURS = 48
"""How long an upload that does not go on is kept."""
URLS = 200
"""Pages taken from one sitemap."""
URL_BYTES = 20 * 1024 * 1024
URL_SECONDS = 30.0
FOLDER_FILES = 10_000

MADE_OF_ONE = 10
"""Texts that a model makes of one chunk, at most."""
CHUNK_CHARACTERS = 20_000
"""A chunk that is written by hand."""
PREVIEW_CHUNKS = 200
LOG_LINES = 500
"""Kept of one document."""
PAGE_PIXELS = 1_200
"""Width of a rendered page, at most."""
PAGES_AT_ONCE = 4
RENDER_SECONDS = 30


def folder(name: str) -> Path:
    """Returns a folder of the knowledge bases; made when it is first asked for."""
    place = Path(settings.DATA) / "knowledge" / name
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place
