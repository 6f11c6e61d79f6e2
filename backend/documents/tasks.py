"""What Celery calls, and what a worker process does besides."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from flowloft.core.errors import FlowloftError

from backend.common.leases import looking
from backend.documents import building, limits
from backend.documents.hints import QUEUE, TASK
from backend.documents.models import KnowledgeBase, SourceDocument
from backend.documents.pipeline import work_once
from backend.documents.states import State
from backend.documents.transitions import documents_recover
from backend.documents.uploads import uploads_prune

log = logging.getLogger(__name__)
_ROOM = threading.BoundedSemaphore(limits.AT_ONCE)
"""Not a place in the pool of the worker: who waits for a chat must never wait for documents."""
_PRUNE_EVERY = 600.0


@shared_task(name=TASK, ignore_result=True)
def work() -> None:
    """Has a thread work on documents, if there is room; the hint itself holds nobody up."""
    if not settings.ENVIRONMENT.joins:
        _begin()


def _begin() -> None:
    if _ROOM.acquire(blocking=False):
        threading.Thread(target=_work, name="ingest", daemon=True).start()


def _work() -> None:
    try:
        while work_once() or building.build_once():
            pass
    except Exception:
        log.exception("A thread that works on documents ended; another takes over")
    finally:
        connection.close()
        _ROOM.release()


class _Looker:
    """Looks for documents that wait or lost their worker, and for what is left over."""

    def __init__(self) -> None:
        self._pruned = 0.0

    def __call__(self) -> None:
        documents_recover()
        building.heal()
        queued = Q(state=State.QUEUED, queued_at__lte=timezone.now())
        waiting = SourceDocument.objects.filter(queued | Q(state=State.REMOVING)).exists()
        if (
            waiting
            or KnowledgeBase.objects.exclude(building=None).filter(building_error__isnull=True).exists()
        ):
            _begin()
        if time.monotonic() - self._pruned > _PRUNE_EVERY:
            self._pruned = time.monotonic()
            uploads_prune()
        try:
            building.tidy()
        except FlowloftError as error:
            log.debug("Left for later: %s", error)


@worker_ready.connect
def look_after(sender: Any, **_: Any) -> None:
    """Lets the studio's own workers look; originals are on the studio's disk."""
    queues = set(sender.app.amqp.queues.consume_from)
    if QUEUE in queues and not settings.ENVIRONMENT.joins:
        looking("documents", _Looker(), every=limits.LOOK_EVERY)
