"""A new index for a whole knowledge base, while the old one answers; and what is left of old ones."""

from __future__ import annotations

import logging

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from flowloft.core.errors import FlowloftError

from backend.common.leases import Lease
from backend.documents import bell, limits, spool
from backend.documents.engine import drop_collection, fingerprint_of, indexed_chunk, open_index
from backend.documents.models import Chunk, KnowledgeBase, SourceDocument
from backend.documents.parsed import parsed_drop
from backend.documents.pipeline import drop_unused
from backend.documents.states import HELD, State, Step
from backend.documents.transitions import lease_end

log = logging.getLogger(__name__)


def build_once() -> bool:
    """Goes on with an index that is being made; returns whether there was one."""
    free = Q(build_lease=None) | Q(build_lease__lte=timezone.now())
    waiting = KnowledgeBase.objects.filter(free, removed=False, building_error__isnull=True).exclude(
        building=None
    )
    knowledge = waiting.first()
    if knowledge is None:
        return False
    with transaction.atomic():
        taken = KnowledgeBase.objects.filter(pk=knowledge.pk, build_fence=knowledge.build_fence).update(
            build_fence=F("build_fence") + 1, build_lease=lease_end()
        )
    if not taken:
        return True
    knowledge.refresh_from_db()
    mine = KnowledgeBase.objects.filter(pk=knowledge.pk, build_fence=knowledge.build_fence)
    lease = Lease(mine, field="build_lease", seconds=limits.LEASE)
    try:
        while not lease.lost and _build_document(knowledge):
            bell.ring(knowledge.pk)
        if not lease.lost:
            _swap(knowledge)
    except FlowloftError as error:
        with transaction.atomic():
            mine.update(building_error=error.payload())
    finally:
        lease.release()
        with transaction.atomic():
            mine.update(build_lease=None)
        bell.ring(knowledge.pk)
    return True


def missing(knowledge: KnowledgeBase) -> int:
    """Returns how many documents the index that is being made does not hold yet."""
    if knowledge.building is None:
        return 0
    return knowledge.documents.filter(state=State.READY, generation__lt=knowledge.building).count()


def _build_document(knowledge: KnowledgeBase) -> bool:
    number = knowledge.building
    document = (
        knowledge.documents.filter(state=State.READY, generation__lt=number).order_by("created_at").first()
    )
    if document is None or number is None:
        return False
    index = open_index(knowledge, number)
    wanted = list(document.chunks.filter(enabled=True)) if document.enabled else []
    for at in range(0, len(wanted), limits.BATCH):
        index.add([indexed_chunk(chunk, document) for chunk in wanted[at : at + limits.BATCH]])
    with transaction.atomic():
        same = SourceDocument.objects.filter(pk=document.pk, fence=document.fence, state=State.READY)
        if not same.update(generation=number, changed_at=timezone.now()):
            # Changed meanwhile: what was written may be old, so it is written once more.
            SourceDocument.objects.filter(pk=document.pk).update(
                generation=min(document.generation, knowledge.generation)
            )
    return True


def _swap(knowledge: KnowledgeBase) -> None:
    """Lets the new index answer, if it is whole."""
    with transaction.atomic():
        locked = KnowledgeBase.objects.select_for_update().get(pk=knowledge.pk)
        if locked.build_fence != knowledge.build_fence or locked.building is None or missing(locked):
            return
        locked.retired = [*locked.retired, locked.generation]
        locked.generation, locked.building = locked.building, None
        locked.embedding, locked.building_embedding = locked.building_embedding, ""
        locked.fingerprint = fingerprint_of(locked)
        locked.save()


def heal() -> None:
    """Has documents indexed that an index lacks because it was exchanged under them."""
    behind = SourceDocument.objects.filter(
        state=State.READY, generation__lt=F("knowledge__generation"), knowledge__building=None
    )
    with transaction.atomic():
        behind.update(state=State.QUEUED, step=Step.EMBED, queued_at=timezone.now())


def tidy() -> None:
    """Drops indexes that nothing refers to, and what is left of deleted knowledge bases."""
    for knowledge in KnowledgeBase.objects.filter(removed=False).exclude(retired=[])[:20]:
        for number in knowledge.retired:
            drop_collection(knowledge, number)
        with transaction.atomic():
            locked = KnowledgeBase.objects.select_for_update().get(pk=knowledge.pk)
            locked.retired = [one for one in locked.retired if one not in knowledge.retired]
            locked.save(update_fields=["retired"])
    for knowledge in KnowledgeBase.objects.filter(removed=True)[:5]:
        _remove(knowledge)


def _remove(knowledge: KnowledgeBase) -> None:
    held = SourceDocument.objects.filter(knowledge=knowledge, state__in=HELD)
    if held.filter(lease_until__gt=timezone.now()).exists():
        held.update(cancelling=True)
        return
    for number in {knowledge.generation, knowledge.building, *knowledge.retired} - {None}:
        drop_collection(knowledge, int(number or 0))
    documents = list(knowledge.documents.only("id", "digest"))
    for document in documents:
        parsed_drop(document)
        spool.drop(document.id)
    Chunk.objects.filter(document__knowledge=knowledge).delete()
    with transaction.atomic():
        knowledge.delete()
    for digest in {document.digest for document in documents if document.digest}:
        drop_unused(digest)
