"""What a worker process does for fine-tunes at vendors."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from backend.common.watch import Watch
from backend.tuning.models import ENDED, Tune
from backend.tuning.online import look

EVERY = timedelta(seconds=10)
"""Between two questions to a vendor about one fine-tune."""


class TuneWatch(Watch):
    """Asks the vendors."""

    what = "fine-tunes"

    def look(self) -> None:
        now = timezone.now()
        due = Q(looked_at=None) | Q(looked_at__lt=now - EVERY)
        for tune in Tune.objects.filter(due, plan__trainer="online").exclude(state__in=ENDED):
            Tune.objects.filter(pk=tune.pk).update(looked_at=now)
            look(tune)


_WATCH = TuneWatch()
_WATCH.go_with_the_worker()
