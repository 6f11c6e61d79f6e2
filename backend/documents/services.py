"""What happens to knowledge bases. Each change is one short transaction; checking happens before it."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Avg, Case, Count, F, FloatField, Q, QuerySet, Sum, Value, When
from flowloft.core.models import DEFAULT_CHAT, DEFAULT_EMBEDDING

from backend.common.errors import ApiError
from backend.documents import bell, plans
from backend.documents.models import KnowledgeBase, SourceDocument
from backend.documents.states import OVER, State, Step
from backend.documents.transitions import batch_begin, documents_queue
from backend.hub.source import HubModels


def _taken() -> ApiError:
    return ApiError(
        409, "name_taken", "A knowledge base of yours has this name already.", "Choose another.", path="/name"
    )


def checked_embedding(owner_id: Any, ref: str) -> str:
    """Checks that a model reference leads somewhere.

    Raises:
        NoFit: There is no such model.
    """
    HubModels(owner_id).resolve(ref)
    return ref


def _checked_groups(owner_id: Any, given: Any) -> list[dict[str, Any]]:
    groups = plans.checked_groups(given)
    for group in groups:
        if group["transform"]:
            HubModels(owner_id).resolve(group["model"] or DEFAULT_CHAT)
    return groups


def knowledge_create(*, owner: Any, name: str, **given: Any) -> KnowledgeBase:
    """Makes a knowledge base; what is not given takes sensible defaults.

    Raises:
        InputError: A setting does not fit.
        ApiError: 409 ``name_taken``.
    """
    made = KnowledgeBase(
        owner=owner,
        name=name,
        description=given.get("description", ""),
        parsing=plans.checked_parsing(given.get("parsing") or {}),
        groups=_checked_groups(owner.pk, given.get("groups") or plans.default_groups()),
        search=plans.checked_search(given.get("search")).model_dump(mode="json", exclude_defaults=True),
        embedding=checked_embedding(owner.pk, given.get("embedding") or DEFAULT_EMBEDDING),
    )
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        raise _taken() from None
    return made


def knowledge_update(*, knowledge: KnowledgeBase, **given: Any) -> KnowledgeBase:
    """Changes a knowledge base. Another embedding model begins a new index, while the old one answers;
    other chunkings cut the documents anew.

    Raises:
        InputError: A setting does not fit.
        ApiError: 409 ``name_taken``.
    """
    changed: dict[str, Any] = {key: given[key] for key in ("name", "description") if key in given}
    if "parsing" in given:
        changed["parsing"] = plans.checked_parsing(given["parsing"])
    if "groups" in given:
        changed["groups"] = _checked_groups(knowledge.owner_id, given["groups"])
    if "search" in given:
        checked = plans.checked_search(given["search"])
        changed["search"] = checked.model_dump(mode="json", exclude_defaults=True)
    wanted = given.get("embedding")
    if wanted:
        checked_embedding(knowledge.owner_id, wanted)
    step = _step_after(knowledge, changed)
    try:
        with transaction.atomic():
            locked = KnowledgeBase.objects.select_for_update().get(pk=knowledge.pk)
            for name, value in changed.items():
                setattr(locked, name, value)
            if wanted and wanted != (locked.building_embedding or locked.embedding):
                _begin(locked, wanted)
            locked.save()
            if step is not None:
                batch_begin(locked.pk)
                documents_queue(SourceDocument.objects.filter(knowledge=locked, state__in=OVER), step)
            transaction.on_commit(lambda: bell.ring(locked.pk))
    except IntegrityError:
        raise _taken() from None
    return locked


def _step_after(knowledge: KnowledgeBase, changed: dict[str, Any]) -> Step | None:
    if changed.get("parsing", knowledge.parsing) != knowledge.parsing:
        return Step.PARSE
    return Step.SPLIT if changed.get("groups", knowledge.groups) != knowledge.groups else None


def knowledge_rebuild(*, knowledge: KnowledgeBase) -> KnowledgeBase:
    """Makes the index anew from the database; the present one answers until the new one is whole."""
    with transaction.atomic():
        locked = KnowledgeBase.objects.select_for_update().get(pk=knowledge.pk)
        _begin(locked, locked.building_embedding or locked.embedding)
        locked.save()
        transaction.on_commit(lambda: bell.ring(locked.pk))
    return locked


def _begin(knowledge: KnowledgeBase, embedding: str) -> None:
    """Begins an index in place of one that may be under way."""
    if knowledge.building is not None:
        knowledge.retired = [*knowledge.retired, knowledge.building]
    newest = max([knowledge.generation, knowledge.building or 0, *knowledge.retired])
    knowledge.building = newest + 1
    knowledge.building_embedding = embedding
    knowledge.building_error = None
    knowledge.build_fence += 1
    knowledge.build_lease = None


def knowledge_build_stop(*, knowledge: KnowledgeBase) -> KnowledgeBase:
    """Gives an index up that is being made; the present one stays."""
    with transaction.atomic():
        locked = KnowledgeBase.objects.select_for_update().get(pk=knowledge.pk)
        if locked.building is not None:
            locked.retired = [*locked.retired, locked.building]
            locked.building, locked.building_embedding, locked.building_error = None, "", None
            locked.build_fence += 1
            locked.save()
        transaction.on_commit(lambda: bell.ring(locked.pk))
    return locked


def knowledge_delete(*, knowledge: KnowledgeBase) -> None:
    """Takes a knowledge base away at once; a worker tidies up behind it."""
    with transaction.atomic():
        KnowledgeBase.objects.filter(pk=knowledge.pk).update(removed=True)


def batch_of(knowledge: KnowledgeBase) -> dict[str, Any]:
    """Returns how many documents are worked on since the base last rested, how many of them are over, and
    how far all of it is, 0 to 1."""
    if knowledge.batch_at is None:
        return {"count": 0, "over": 0, "progress": 1.0}
    batch = knowledge.documents.filter(queued_at__gte=knowledge.batch_at).exclude(state=State.REMOVING)
    far = Case(When(state__in=OVER, then=Value(1.0)), default=F("progress"), output_field=FloatField())
    told = batch.aggregate(count=Count("id"), over=Count("id", filter=Q(state__in=OVER)), far=Avg(far))
    return {"count": told["count"], "over": told["over"], "progress": round(told["far"] or 0.0, 3)}


def with_counts(found: QuerySet[KnowledgeBase]) -> QuerySet[KnowledgeBase]:
    """Adds how many documents, chunks and bytes there are, and how many wait or failed."""
    there = ~Q(documents__state=State.REMOVING)
    return found.filter(removed=False).annotate(
        document_count=Count("documents", filter=there),
        chunk_count=Sum("documents__chunk_count", filter=there, default=0),
        byte_count=Sum("documents__size", filter=there, default=0),
        failed_count=Count("documents", filter=Q(documents__state=State.FAILED)),
        active_count=Count("documents", filter=there & ~Q(documents__state__in=OVER)),
    )
