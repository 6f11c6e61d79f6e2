"""The one way a document changes its state."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from flowloft.core.errors import FlowloftError

from backend.documents import bell, limits
from backend.documents.models import DocumentLog, KnowledgeBase, SourceDocument
from backend.documents.states import HELD, MAX_ATTEMPTS, OVER, STATE_OF, State, Step

log = logging.getLogger(__name__)

WORKER_LOST = {
    "code": "worker_lost",
    "message": f"The workers that had this document were lost {MAX_ATTEMPTS} times.",
    "hint": "It may need more memory than there is. Look into the log of the workers, or leave it out.",
    "extra": {},
}


class Lost(Exception):  # noqa: N818 - an outcome, not an error
    """The document is another worker's by now, or was asked to stop."""


def lease_end() -> datetime:
    """Returns until when a worker that is alive now counts as alive."""
    return timezone.now() + timedelta(seconds=limits.LEASE)


def document_claim() -> SourceDocument | None:
    """Takes the document that has waited longest; None where none waits."""
    now = timezone.now()
    free = Q(lease_until=None) | Q(lease_until__lte=now)
    waiting = SourceDocument.objects.filter(
        Q(state=State.QUEUED, queued_at__lte=now) | Q(free, state=State.REMOVING), knowledge__removed=False
    )
    for found in waiting.order_by("queued_at", "id").values("id", "state", "step", "fence")[:8]:
        removing = found["state"] == State.REMOVING
        state = State.REMOVING if removing else STATE_OF[Step(found["step"])]
        with transaction.atomic():
            taken = SourceDocument.objects.filter(
                id=found["id"], state=found["state"], fence=found["fence"]
            ).update(
                state=state,
                fence=F("fence") + 1,
                lease_until=lease_end(),
                started_at=now,
                changed_at=now,
                error=None,
            )
        if taken:
            document = SourceDocument.objects.select_related("knowledge__owner").get(id=found["id"])
            bell.ring(document.knowledge_id)
            return document
    return None


def document_told(document: SourceDocument, **facts: Any) -> None:
    """Writes what a worker has found out about the document it holds.

    Raises:
        Lost: It holds it no more, or somebody cancelled it.
    """
    mine = SourceDocument.objects.filter(
        id=document.id, fence=document.fence, state=document.state, cancelling=False
    )
    with transaction.atomic():
        if not mine.update(changed_at=timezone.now(), lease_until=lease_end(), **facts):
            raise Lost
    for name, value in facts.items():
        setattr(document, name, value)
    bell.ring(document.knowledge_id)


def document_advance(document: SourceDocument, step: Step, **facts: Any) -> None:
    """Goes on to the next step; what the one before has made is kept.

    Raises:
        Lost: As :func:`document_told`.
    """
    before = document.state
    mine = SourceDocument.objects.filter(id=document.id, fence=document.fence, state=before, cancelling=False)
    changed = {"state": STATE_OF[step], "step": step, **facts}
    with transaction.atomic():
        if not mine.update(changed_at=timezone.now(), lease_until=lease_end(), **changed):
            raise Lost
    for name, value in changed.items():
        setattr(document, name, value)
    bell.ring(document.knowledge_id)


def document_end(document: SourceDocument, to: State, error: dict[str, Any] | None = None) -> None:
    """Lets go of a document that is ready, failed or cancelled; one that changed meanwhile waits again."""
    now = timezone.now()
    with transaction.atomic():
        row = (
            SourceDocument.objects.select_for_update()
            .filter(id=document.id, fence=document.fence, state__in=HELD)
            .first()
        )
        if row is None:
            return
        row.state, row.error, row.lease_until = to, error, None
        row.finished_at = row.changed_at = now
        row.cancelling, row.attempt = False, 1
        if to == State.READY:
            row.progress = 1
        if row.again and to == State.READY:
            row.again, row.state, row.step, row.queued_at = False, State.QUEUED, Step.TRANSFORM, now
        row.save()
        if error is not None:
            document_say(row, f"{error['message']} {error['hint']}".strip(), level="error")
    bell.ring(document.knowledge_id)


def batch_begin(knowledge_id: uuid.UUID, now: datetime | None = None) -> None:
    """Notes that work begins where there was none; call it before documents are queued.

    Args:
        now: No later than when they will say they were queued.
    """
    busy = SourceDocument.objects.filter(knowledge_id=knowledge_id, state__in=(State.QUEUED, *HELD))
    if not busy.exists():
        KnowledgeBase.objects.filter(pk=knowledge_id).update(batch_at=now or timezone.now())


def document_restart(document: SourceDocument, step: Step, **facts: Any) -> None:
    """Has a document done again from a step on, whoever has it; call it inside a transaction."""
    now = timezone.now()
    SourceDocument.objects.filter(pk=document.pk).update(
        state=State.QUEUED,
        step=step,
        fence=F("fence") + 1,
        lease_until=None,
        progress=0,
        error=None,
        attempt=1,
        cancelling=False,
        again=False,
        queued_at=now,
        changed_at=now,
        finished_at=None,
        **facts,
    )


def document_again(document: SourceDocument, error: FlowloftError) -> None:
    """Lets go of a document whose step met something that may pass: it waits a little and goes on at the
    same step; after ``MAX_ATTEMPTS`` it fails."""
    if document.attempt >= MAX_ATTEMPTS:
        document_end(document, State.FAILED, error.payload())
        return
    now = timezone.now()
    pause = limits.PAUSE * 2 ** (document.attempt - 1)
    mine = SourceDocument.objects.filter(id=document.id, fence=document.fence, state=document.state)
    with transaction.atomic():
        if not mine.filter(cancelling=False).update(
            state=State.QUEUED,
            attempt=F("attempt") + 1,
            queued_at=now + timedelta(seconds=pause),
            lease_until=None,
            changed_at=now,
        ):
            document_end(document, State.CANCELLED)
            return
        document_say(document, f"{error.message} Trying again in {pause:g} s.", level="warning")
    bell.ring(document.knowledge_id)


def documents_queue(found: Any, step: Step, *, tell: Iterable[uuid.UUID] = ()) -> int:
    """Has documents that rest done (again) from a step on; returns how many.

    Args:
        found: A queryset of documents.
        tell: Knowledge bases whose listeners should know.
    """
    now = timezone.now()
    with transaction.atomic():
        count = int(
            found.filter(state__in=OVER).update(
                state=State.QUEUED,
                step=step,
                progress=0,
                error=None,
                attempt=1,
                cancelling=False,
                queued_at=now,
                changed_at=now,
                finished_at=None,
            )
        )
        transaction.on_commit(lambda: _ring_all(tell))
    return count


def _ring_all(knowledge: Iterable[uuid.UUID]) -> None:
    for id_ in knowledge:
        bell.ring(id_)


def documents_cancel(found: Any) -> int:
    """Stops documents: those that wait at once, those that are worked on within a moment."""
    now = timezone.now()
    with transaction.atomic():
        waiting = found.filter(state=State.QUEUED).update(
            state=State.CANCELLED, changed_at=now, finished_at=now
        )
        return int(waiting) + int(found.filter(state__in=HELD).update(cancelling=True, changed_at=now))


def documents_recover() -> int:
    """Takes documents from workers that went silent: back to the queue at the same step, or to their end."""
    now = timezone.now()
    silent = SourceDocument.objects.filter(
        Q(lease_until__lte=now) | Q(lease_until=None), state__in=HELD
    ).only("id", "fence", "attempt", "cancelling", "knowledge_id", "state")[:200]
    for row in silent:
        mine = SourceDocument.objects.filter(id=row.id, fence=row.fence, state=row.state)
        facts: dict[str, Any] = {"lease_until": None, "fence": F("fence") + 1, "changed_at": now}
        if row.cancelling:
            facts |= {"state": State.CANCELLED, "cancelling": False, "finished_at": now}
        elif row.attempt >= MAX_ATTEMPTS:
            facts |= {"state": State.FAILED, "error": WORKER_LOST, "finished_at": now}
        else:
            facts |= {"state": State.QUEUED, "attempt": F("attempt") + 1}
            log.warning("Document %s lost its worker; queued again", row.id)
        with transaction.atomic():
            mine.filter(Q(lease_until__lte=now) | Q(lease_until=None)).update(**facts)
        bell.ring(row.knowledge_id)
    return len(silent)


def document_say(
    document: SourceDocument, message: str, *, level: str = "info", seconds: float | None = None
) -> None:
    """Adds a line to the log of a document."""
    DocumentLog.objects.create(
        document_id=document.id,
        at=timezone.now(),
        step=document.step,
        level=level,
        message=message[:1000],
        seconds=seconds,
    )
