"""What can be done with backends and jobs."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from flowloft.core.backend import BACKENDS, Affinity, Preview, unusable
from flowloft.core.errors import BackendError, InputError
from flowloft.core.job import Job
from flowloft.core.resources import Resources

from backend.common.errors import ApiError
from backend.common.objects import objects_of
from backend.compute.models import LOCAL_ID, BackendChoice, BackendEntry, ComputeJob
from backend.compute.places import checked, job_keep, place_of, secret_names, secrets_keep, secrets_of
from backend.compute.signals import job_changed
from backend.compute.states import ACTIVE, State

FLOW, PERSON, STUDIO = "flow", "person", "studio"

CHECK_CODE = """
import importlib.metadata as m, platform
print("Hello from", platform.node(), "with Python", platform.python_version())
try:
    print("Flowloft", m.version("flowloft"), "is installed here, so flows can run here.")
except m.PackageNotFoundError:
    print("Flowloft is not installed here, so commands can run here, and flows cannot.")
"""


def backends_of(user: Any) -> QuerySet[BackendEntry]:
    """Returns the backends that a person may use, this machine first, each with the numbers of its
    ``waiting`` and ``running`` jobs."""
    backend_local()
    waits = Q(jobs__state__in=[State.SUBMITTING, State.QUEUED])
    runs = Q(jobs__state=State.RUNNING)
    return (
        objects_of(user, BackendEntry)
        .annotate(waiting=Count("jobs", filter=waits), running=Count("jobs", filter=runs))
        .order_by(F("owner_id").asc(nulls_first=True), "created_at")
    )


def _changeable(user: Any, entry: BackendEntry | None) -> None:
    """Raises 403 for who may not: a backend runs commands with the studio's own rights, its settings
    name programs, keys and files of the studio's machine."""
    if not user.is_owner or (entry is not None and entry.owner_id != user.pk):
        raise ApiError(
            403,
            "owner_only",
            "Only the owner of the studio sets up backends.",
            "Ask the owner to add or share one.",
        )


def backend_save(*, user: Any, given: dict[str, Any], entry: BackendEntry | None = None) -> BackendEntry:
    """Keeps a backend after its kind has checked the settings. Nothing is started or asked.

    Args:
        given: ``name``, ``kind``, ``settings``, ``python``, ``shared``; only what changes. Secret
            settings stay where they are left out, and go where they are empty or the address changes.

    Raises:
        InputError: ``unknown_backend`` or ``invalid_input`` with the path of the field.
        ApiError: 403 ``owner_only``; 409 ``name_taken``.
    """
    _changeable(user, entry)
    found = entry or BackendEntry(owner=user)
    if given.get("kind", found.kind) not in BACKENDS:
        raise InputError(
            f"There is no kind of backend “{given['kind']}”.",
            code="unknown_backend",
            hint=f"There are: {', '.join(BACKENDS.keys)}.",
            extra={"path": "/kind"},
        )
    if entry is not None and given.get("kind", found.kind) != found.kind:
        raise InputError(
            "A backend keeps its kind.",
            code="invalid_input",
            hint="Add another backend instead.",
            extra={"path": "/kind"},
        )
    found.kind = given.get("kind", found.kind)
    for name in ("name", "python", "shared"):
        if name in given:
            setattr(found, name, given[name])
    if "settings" in given or entry is None:
        names = secret_names(found.kind)
        settings = given.get("settings", {})
        before = (secrets_of(found), found.settings.get("server", ""))
        found.settings = {name: value for name, value in settings.items() if name not in names}
        kept = before[0] if before[1] == found.settings.get("server", "") else {}
        hidden = kept | {name: value for name, value in settings.items() if name in names}
        checked(found.kind, {**found.settings, **hidden})
        secrets_keep(found, hidden)
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise ApiError(
            409, "name_taken", "A backend of yours has this name already.", "Choose another.", path="/name"
        ) from None
    return found


def backend_delete(*, user: Any, entry: BackendEntry) -> None:
    """Removes a backend that has no jobs to look after; what it ran stays in the list.

    Raises:
        ApiError: 403 ``owner_only``; 409 ``backend_busy``.
    """
    _changeable(user, entry)
    with transaction.atomic():
        active = ComputeJob.objects.filter(backend=entry, state__in=ACTIVE).count()
        if active:
            raise ApiError(
                409,
                "backend_busy",
                f"The backend has jobs that wait or run: {active}.",
                "Wait for them, or cancel them first.",
            )
        entry.delete()


def backend_check(*, user: Any, entry: BackendEntry, job: bool = False) -> tuple[Affinity, ComputeJob | None]:
    """Asks a backend whether it can be used, and has it run a tiny job where that was asked for."""
    affinity = backend_affinity(backend=entry)
    if not job or not affinity.score:
        return affinity, None
    tiny = Job(argv=[interpreter(entry), "-c", CHECK_CODE], name="check", resources=Resources(seconds=300))
    return affinity, job_submit(owner=user, backend=entry, job=tiny, purpose="check")


def interpreter(entry: BackendEntry) -> str:
    """Returns the Python of a backend."""
    return entry.python or (sys.executable if BACKENDS.get(entry.kind).shares_files else "python3")


def choice_save(*, user: Any, scope: str, backend: BackendEntry | None) -> None:
    """Sets where runs compute when nothing is said.

    Args:
        scope: ``person``, ``studio``, or the id of a flow of theirs.
        backend: None takes the choice back.

    Raises:
        ApiError: 403: the studio's is the owner's to choose.
    """
    if scope == STUDIO and not user.is_owner:
        raise ApiError(
            403, "owner_only", "Only the owner chooses for the whole studio.", "Choose for yourself."
        )
    if backend is None:
        BackendChoice.objects.filter(owner=user, scope=scope).delete()
    else:
        BackendChoice.objects.update_or_create(owner=user, scope=scope, defaults={"backend": backend})


def backend_chosen(*, user: Any, flow_id: Any = None) -> tuple[BackendEntry | None, str]:
    """Returns where a run computes when nothing is said, and who decided it: the flow, the person,
    the studio, or nobody. A backend that is no longer shared is passed over."""
    usable = BackendEntry.objects.filter(BackendEntry.visible_to(user))
    asked = [(PERSON, Q(owner=user, scope=PERSON)), (STUDIO, Q(owner__is_owner=True, scope=STUDIO))]
    if flow_id is not None:
        asked.insert(0, (FLOW, Q(owner=user, scope=str(flow_id))))
    for scope, where in asked:
        choice = BackendChoice.objects.filter(where, backend__in=usable).select_related("backend").first()
        if choice:
            return choice.backend, scope
    return None, "none"


def backend_local() -> BackendEntry:
    """Returns this machine, which is there without being set up."""
    found, _ = BackendEntry.objects.get_or_create(
        id=LOCAL_ID, defaults={"name": "This machine", "kind": "local", "shared": True}
    )
    return found


def job_submit(
    *,
    owner: Any,
    backend: BackendEntry,
    job: Job,
    purpose: str,
    subject: str = "",
    follow: bool = False,
    title: str = "",
    device_memory: int | None = None,
) -> ComputeJob:
    """Takes a job on. The worker that looks after the backend hands it over, within a second and
    after the caller's transaction; what the backend refuses ends as ``failed`` with its words.

    Args:
        owner: Whose job it is. The caller has made sure that they may use the backend.
        purpose: Which app it is for; what ``job_changed`` is looked through by.
        subject: Id of what it is for.
        follow: Whether ``job_wrote`` tells what it writes.
        title: What people call what it is for.
        device_memory: Bytes on each of its devices, which it has for itself: it waits for its turn.
    """
    row = ComputeJob(owner=owner, backend=backend, purpose=purpose, subject=subject, follow=follow)
    row.title, row.device_memory = title[:100], device_memory
    job_keep(row, job)
    row.save(force_insert=True)
    return row


def job_cancel(*, job: ComputeJob) -> ComputeJob:
    """Asks a job to end. One that nobody has heard of yet is cancelled at once, one that is over
    stays as it is; ``job_changed`` tells when it has ended."""
    with transaction.atomic():
        row = ComputeJob.objects.select_for_update().get(pk=job.pk)
        if row.state not in ACTIVE or row.cancel_requested_at:
            return row
        row.cancel_requested_at = timezone.now()
        if row.tries == 0:
            row.state, row.reason, row.finished_at = State.CANCELLED, "CANCELLED", row.cancel_requested_at
            row.sealed = ""
        row.save()
        if row.ended:
            job_changed.send(ComputeJob, job=row)
    return row


def job_logs(*, job: ComputeJob, offset: int = 0, errors: bool = False) -> tuple[bytes, int]:
    """Returns what a job has written from a byte on, at most 1 MiB, and the next offset.

    Raises:
        BackendError: The backend does not answer, or has been removed.
    """
    if not job.remote_id:
        return b"", offset
    if job.backend is None:
        raise BackendError(
            "The backend of this job has been removed, and its log with it.",
            permanent=True,
            code="backend_removed",
            hint="Where the log lies is known to whoever runs that backend.",
        )
    return place_of(job.backend).logs(job.remote_id, offset, errors=errors)


def job_preview(*, backend: BackendEntry, job: Job) -> Preview:
    """Returns exactly what would be submitted, secrets hidden."""
    return place_of(backend).preview(job)


def backend_queue(*, user: Any, entry: BackendEntry) -> list[dict[str, Any]] | None:
    """Returns what runs and waits in a backend's own queue; None where it has none. Whose a job is and what
    it is called is told of one's own, and to the owner of the backend.

    Raises:
        BackendError: The backend does not answer.
    """
    found = place_of(entry).queue()
    if found is None:
        return None
    active = ComputeJob.objects.filter(owner=user, backend=entry, state__in=ACTIVE).exclude(remote_id="")
    own = {number: str(id) for id, name in active.values_list("id", "remote_id") for number in _numbers(name)}
    sees = entry.owner_id == user.pk
    told = []
    for one in found:
        job = own.get(one.number.partition("_")[0])
        named = {"name": one.name, "user": one.user} if sees or job else {"name": "", "user": ""}
        since = datetime.fromtimestamp(one.since, UTC) if one.since else None
        told.append({**asdict(one), **named, "job": job, "since": since})
    return told


def _numbers(remote_id: str) -> tuple[str, str]:
    """Returns what a backend may call a job in its queue: its whole id, or what stands before its token."""
    return remote_id, remote_id.partition("-")[0]


def backend_affinity(*, backend: BackendEntry) -> Affinity:
    """Says whether jobs can be sent there from here, and why. Asks it now, which may take seconds."""
    try:
        return place_of(backend).affinity()
    except BackendError as error:
        return unusable(error)
