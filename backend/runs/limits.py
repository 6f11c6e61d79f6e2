"""Every number that bounds a run, in one place. Seconds and bytes unless named otherwise."""

from __future__ import annotations

from typing import Any

from django.conf import settings


def _setting(name: str, default: Any) -> Any:
    return getattr(settings, name, default)


LEASE = float(_setting("RUN_LEASE", 10.0))
"""How long a worker that went silent counts as alive."""
BEAT = 0.4
"""How often a worker looks after its runs; a cancel is noticed within it even without Redis."""
REAP_EVERY = 1.0
HINT_AGAIN = 2.0
"""A queued run that nobody took for so long is announced again by a worker that has room."""
RUN_TIMEOUT = float(_setting("RUN_TIMEOUT", 3600.0))

TEXT_SECONDS = 0.05
"""Text is gathered so long before it is stored ..."""
TEXT_CHARACTERS = 256
"""... or until there are so many characters of it."""
LEAD_SECONDS = 0.004
"""The first event after a silence waits only so long for those that come right behind it."""
DELTA_CHARACTERS = 32_768
"""Longer pieces of text become several events."""

VALUE_BYTES = 16_384
"""A value of a step that is longer as JSON is shown by its beginning."""
EVENT_BYTES = 262_144
OUTPUT_BYTES = 4 * 1024 * 1024
"""The same for a value of the run's own outputs, and for what the journal keeps."""

ROUNDS = 200
"""Rounds of one container that are told in full; later ones only where they fail."""
EVENTS = int(_setting("RUN_EVENTS", 20_000))
"""Events of one run; beyond, only ends of what was begun, and what concerns the whole run."""

FOLD_TAIL = 1_000
"""Events after which a running run's folded state is saved again."""
FOLD_END = 200
"""The same at its end: a shorter log is folded on reading, which costs less than a row."""

PRUNE_EVERY = 600.0
KEEP_DAYS = float(_setting("RUN_KEEP_DAYS", 0))
"""Finished runs older than this are removed; 0 keeps them all."""

JOURNAL_BYTES = 32 * 1024 * 1024
"""Of a run, for steps that are not told: beyond, they are done again after a crash."""

CACHE_BYTES = int(_setting("CACHE_BYTES", 256 * 1024 * 1024))
"""Results kept for each person; those used longest ago go first."""
CACHED_BYTES = 1024 * 1024
"""A larger result is not kept."""
CACHE_DAYS = 30.0
"""A result that was not used for so long goes."""
