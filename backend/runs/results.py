"""The table of results that are used again: what is written, and what goes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Sum

from backend.runs import limits
from backend.runs.models import CachedResult


def results_write(*, owner_id: Any, results: Sequence[tuple[str, str | None]], now: datetime) -> None:
    """Stores results, and notes which were used (those without a text)."""
    used = [key for key, text in results if text is None]
    if used:
        CachedResult.objects.filter(owner_id=owner_id, key__in=used).update(used_at=now)
    fresh = {key: text for key, text in results if text is not None}
    if fresh:
        CachedResult.objects.bulk_create(
            [
                CachedResult(owner_id=owner_id, key=key, outputs=text, size=len(text), used_at=now)
                for key, text in fresh.items()
            ],
            ignore_conflicts=True,
        )


def results_prune(*, now: datetime) -> int:
    """Removes what is beyond the room of its owner, and what was not used for long; returns how many."""
    old = CachedResult.objects.filter(used_at__lt=now - timedelta(days=limits.CACHE_DAYS))
    removed = old.delete()[0]
    sizes = (
        CachedResult.objects.values("owner").annotate(size=Sum("size")).filter(size__gt=limits.CACHE_BYTES)
    )
    for owner_id, size in sizes.values_list("owner", "size"):
        excess = size - limits.CACHE_BYTES
        gone = []
        mine = CachedResult.objects.filter(owner_id=owner_id).order_by("used_at")
        for pk, one in mine.values_list("pk", "size").iterator():
            if excess <= 0:
                break
            gone.append(pk)
            excess -= one
        for first in range(0, len(gone), 500):
            removed += CachedResult.objects.filter(pk__in=gone[first : first + 500]).delete()[0]
    return removed
