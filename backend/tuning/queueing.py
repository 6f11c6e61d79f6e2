"""What fine-tunes that wait for one another have to do with the choice for the next."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import QuerySet
from flowloft.core.hardware import Hardware

from backend.compute.models import BackendEntry
from backend.compute.turns import GPU, PROCESSOR
from backend.tuning.models import ENDED, Tune


def _open(backend: BackendEntry) -> QuerySet[Tune]:
    return Tune.objects.filter(job__backend=backend, job__finished_at=None).exclude(state__in=ENDED)


def before(backend: BackendEntry) -> int:
    """Returns how many fine-tunes run and wait on a backend, everybody's."""
    return _open(backend).count()


def after_those_before(backend: BackendEntry, hardware: Hardware) -> Hardware:
    """Returns what a fine-tune finds when its turn comes: those that run have given back what they use."""
    if backend.kind != "local":
        return hardware
    back: dict[str, int] = {}
    for tune in _open(backend).select_related("job"):
        used = min(int(tune.progress.get("memory") or 0), int(tune.plan.get("memory") or 0))
        for device in tune.job.devices if tune.job else []:
            back[device] = back.get(device, 0) + used
    devices = tuple(
        replace(one, free=min(one.memory, one.free + back.get(f"{GPU}{index}", 0)))
        for index, one in enumerate(hardware.devices)
    )
    free = min(hardware.memory, hardware.free + back.get(PROCESSOR, 0))
    return replace(hardware, devices=devices, free=free)
