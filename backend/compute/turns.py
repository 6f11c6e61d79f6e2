"""Whose turn it is on a machine without a queue of its own.

Jobs that need a device for themselves, as trainings do, begin one after another: each waits, in the order
in which they were asked for, until a device is free and has the memory that it needs. Nothing is kept but
what is in the rows, so a restart changes no order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flowloft.core.backend import Backend
from flowloft.core.job import Job
from flowloft.core.sizing import shown

from backend.compute.models import ComputeJob

PROCESSOR = "processor"
GPU = "gpu:"
MEMORY_HINT = "Stop a service on the page Models, or wait until memory is free."


@dataclass(frozen=True, slots=True)
class Turn:
    """What a job gets, or why it waits."""

    devices: tuple[str, ...] = ()
    waits: str = ""
    hint: str = ""


class Turns:
    """The queue of one place, as it is now.

    Args:
        place: Where.
        jobs: All that wait or run there, the oldest first.
    """

    def __init__(self, place: Backend, jobs: Sequence[ComputeJob]) -> None:
        self._place = place
        self._jobs = jobs
        self._taken = {device: job for job in jobs for device in job.devices}
        self._ahead: list[ComputeJob] = []

    def next(self, job: ComputeJob) -> Turn:
        """Returns what a job that its place does not have yet gets. To be asked in order: who is told to wait
        stands before the next."""
        if job.device_memory is None or job.devices:
            return Turn(tuple(job.devices))
        turn = self._turn(job, job.device_memory)
        if turn.waits:
            self._ahead.append(job)
        self._taken |= dict.fromkeys(turn.devices, job)
        return turn

    def _turn(self, job: ComputeJob, needed: int) -> Turn:
        hardware = self._place.devices()
        if hardware is None:
            return Turn()
        count = int(job.spec.get("resources", {}).get("gpus", 0))
        found = {f"{GPU}{index}": one.free for index, one in enumerate(hardware.devices)} if count else {}
        if not count:
            found[PROCESSOR] = hardware.free
        ahead = [one for one in self._ahead if bool(one.spec.get("resources", {}).get("gpus")) == bool(count)]
        before = f" Before it in the queue: {len(ahead)}." if ahead else ""
        free = sorted((name for name in found if name not in self._taken), key=lambda name: -found[name])
        holders = [self._taken[name] for name in found if name in self._taken]
        if len(free) < max(1, count):
            return Turn(waits=self._busy(job, count, len(free), holders) + before)
        if ahead:
            return Turn(waits="It waits for its turn." + before)
        best = tuple(sorted(free[: max(1, count)]))
        room = min(found[name] for name in best)
        if room < needed:
            where = "of memory" if not count else "of memory on each GPU"
            said = f"It waits for memory: it needs {shown(needed)} {where}, and {shown(room)} are free."
            others = [one for one in self._jobs if one.purpose == "service" and one.remote_id]
            return Turn(waits=said + _named(job, others), hint=MEMORY_HINT)
        return Turn(best)

    @staticmethod
    def _busy(job: ComputeJob, count: int, free: int, holders: list[ComputeJob]) -> str:
        if count:
            return f"It waits for GPUs: it needs {count}, and {free} are free." + _named(job, holders)
        (holder,) = holders
        if holder.owner_id != job.owner_id:
            return "It waits for somebody else's job, which has the processor to itself."
        return f"It waits for “{holder.title or holder.name}”, which has the processor to itself."


def _named(job: ComputeJob, others: list[ComputeJob]) -> str:
    """Names what runs; of other people nothing is told."""
    own = dict.fromkeys(f"“{one.title or one.name}”" for one in others if one.owner_id == job.owner_id)
    return f" Running there: {', '.join(own)}." if own else ""


def on_devices(job: Job, devices: Sequence[str]) -> Job:
    """Returns a job that sees only the GPUs that it was given."""
    numbers = [name.removeprefix(GPU) for name in devices if name.startswith(GPU)]
    if not numbers:
        return job
    return job.model_copy(update={"env": {**job.env, "CUDA_VISIBLE_DEVICES": ",".join(numbers)}})
