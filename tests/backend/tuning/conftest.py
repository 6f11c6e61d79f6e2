"""A worker that looks when a test says so."""

from __future__ import annotations

import time
from collections.abc import Callable

from backend.compute.models import ComputeJob
from backend.compute.poller import Lookout, Poller
from backend.tuning.models import Tune


def followed(tune: str, until: str | Callable[[Tune], bool], seconds: float = 180) -> Tune:
    """Lets a worker look after the jobs until a fine-tune is in a state, or has come so far."""
    lookout, pollers = Lookout(), {}
    end = time.monotonic() + seconds
    while True:
        for entry_id in lookout.take():
            pollers.setdefault(entry_id, Poller(entry_id, lookout.name))
        for poller in pollers.values():
            poller.look()
        found = Tune.objects.get(id=tune)
        if found.state == until if isinstance(until, str) else until(found):
            lookout.stop()
            return found
        job = ComputeJob.objects.get(id=found.job_id)
        assert time.monotonic() < end, (found.state, found.error, job.message)
        assert found.state != "failed", (found.error, job.message)
        time.sleep(0.05)
