"""Every number that bounds exports and imports, in one place. Seconds and bytes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from flowloft.bundle import Limits


def _setting(name: str, default: Any) -> Any:
    return getattr(settings, name, default)


LEASE = float(_setting("EXPORT_LEASE", 10.0))
"""How long a worker that went silent counts as alive."""
BEAT = LEASE / 4
TOLD_EVERY = 0.4
"""How often progress is written; a cancel is noticed within it."""
LOOK_EVERY = 1.0
HINT_AGAIN = 2.0
"""A queued job that nobody took for so long is taken by the worker that sees it."""
AT_ONCE = 2
"""Jobs that one worker packs at the same time; they compute, so more would only be slower."""
KEPT = timedelta(days=float(_setting("EXPORT_KEEP_DAYS", 7)))
"""How long a finished export can be fetched."""
PRUNE_EVERY = 300.0
MAX_FLOWS = 200
"""Flows asked for in one export."""
ARCHIVE = Limits()


def folder() -> Path:
    """Returns where exports and uploads lie; made when it is first asked for."""
    place = Path(settings.DATA) / "exports"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place
