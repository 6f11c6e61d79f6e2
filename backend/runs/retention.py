"""How long runs are kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from backend.runs import limits
from backend.runs.models import Run, Snapshot
from backend.runs.states import TERMINAL


def runs_prune(*, now: datetime) -> int:
    """Removes finished runs that are older than they are to be kept; returns how many."""
    if not limits.KEEP_DAYS:
        return 0
    old = Run.objects.filter(status__in=TERMINAL, finished_at__lt=now - timedelta(days=limits.KEEP_DAYS))
    ids = list(old.values_list("id", flat=True)[:500])
    Run.objects.filter(id__in=ids).delete()
    Snapshot.objects.exclude(digest__in=Run.objects.values("snapshot_id")).delete()
    return len(ids)
