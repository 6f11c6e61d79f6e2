"""What people do to chunks by hand. The document is indexed again by itself; edits stay marked."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from flowloft.core.errors import InputError

from backend.common.errors import ApiError, not_found
from backend.documents import hints, limits
from backend.documents.documents import touched
from backend.documents.models import Chunk, SourceDocument
from backend.documents.parsed import parsed_load

JOINED = "joined"
"""Key in the metadata of a dropped chunk: the one that has its text now."""
_SEAM = 8
"""Characters that tell whether a chunk still stands in its document as it is."""


def chunk_get(document: SourceDocument, chunk_id: str) -> Chunk:
    """Returns a chunk of a document.

    Raises:
        ApiError: 404.
    """
    found = document.chunks.filter(pk=chunk_id).first()
    if found is None:
        raise not_found()
    return found


def _checked(text: str) -> str:
    text = text.strip()
    if not text or len(text) > limits.CHUNK_CHARACTERS:
        raise InputError(
            f"/text: a chunk has 1 to {limits.CHUNK_CHARACTERS} characters.", extra={"path": "/text"}
        )
    return text


def _saved(document: SourceDocument) -> None:
    """Counts anew and has the document indexed; call it inside the transaction."""
    count = document.chunks.filter(dropped=False).count()
    SourceDocument.objects.filter(pk=document.pk).update(chunk_count=count)
    touched(document)
    transaction.on_commit(lambda: hints.work_waits(document.knowledge_id))


def chunk_update(*, document: SourceDocument, chunk: Chunk, **given: Any) -> Chunk:
    """Changes a chunk's text, or whether it is found.

    Raises:
        InputError: The text is empty or too long.
    """
    if "text" in given:
        chunk.text = _checked(given["text"])
        chunk.edited = not chunk.added and chunk.text != chunk.original
    chunk.enabled = given.get("enabled", chunk.enabled)
    with transaction.atomic():
        chunk.save(update_fields=["text", "edited", "enabled", "changed_at"])
        _saved(document)
    return chunk


def chunk_restore(*, document: SourceDocument, chunk: Chunk) -> Chunk:
    """Brings a chunk back as it was split: its text, itself where it was deleted, and what it was
    joined with.

    Raises:
        ApiError: 409 ``nothing_to_restore`` for one that a person added.
    """
    if chunk.added:
        raise ApiError(
            409, "nothing_to_restore", "This chunk was added by hand.", "Delete it if it is not wanted."
        )
    joined = document.chunks.filter(group=chunk.group, dropped=True)
    with transaction.atomic():
        for one in joined:
            if one.metadata.get(JOINED) == chunk.pk:
                _undrop(document, one)
        if chunk.dropped:
            _undrop(document, chunk)
        return chunk_update(document=document, chunk=chunk, text=chunk.original)


def _undrop(document: SourceDocument, chunk: Chunk) -> None:
    """Puts a deleted chunk back where it stood; call it inside the transaction."""
    later = document.chunks.filter(group=chunk.group, order__gte=chunk.order).exclude(pk=chunk.pk)
    later.update(order=F("order") + 1)
    chunk.dropped, chunk.enabled = False, True
    chunk.metadata = {key: value for key, value in chunk.metadata.items() if key != JOINED}
    chunk.save()


def chunk_add(*, document: SourceDocument, text: str, after: str = "", group: str = "") -> Chunk:
    """Adds a chunk behind another, or at the beginning.

    Raises:
        InputError: The text is empty or too long.
        ApiError: 404 for a chunk to stand behind that is not there.
    """
    text = _checked(text)
    before = chunk_get(document, after) if after else None
    group = before.group if before else group or "default"
    with transaction.atomic():
        order = before.order + 1 if before else 0
        document.chunks.filter(group=group, order__gte=order).update(order=F("order") + 1)
        made = Chunk.objects.create(
            id=uuid.uuid4().hex,
            document=document,
            group=group,
            order=order,
            text=text,
            start=before.end if before else 0,
            end=before.end if before else 0,
            places=before.places[-1:] if before else [],
            heading=before.heading if before else [],
            added=True,
        )
        _saved(document)
    return made


def chunk_delete(*, document: SourceDocument, chunk: Chunk) -> None:
    """Takes a chunk away, also for when the document is parsed again."""
    if chunk.dropped:
        return
    with transaction.atomic():
        _drop(document, chunk)
        _saved(document)


def _drop(document: SourceDocument, chunk: Chunk, joined: str = "") -> None:
    """Takes a chunk away; one that a splitter made stays as a row that says so."""
    if chunk.added:
        _take(document, [chunk.pk])
    else:
        chunk.dropped, chunk.enabled = True, False
        chunk.metadata = {**chunk.metadata, **({JOINED: joined} if joined else {})}
        chunk.save()
    document.chunks.filter(group=chunk.group, order__gt=chunk.order).update(order=F("order") - 1)


def _take(document: SourceDocument, ids: Sequence[str]) -> None:
    row = SourceDocument.objects.select_for_update().get(pk=document.pk)
    row.gone = [*row.gone, *(id_ for id_ in ids if id_ not in row.gone)]
    row.save(update_fields=["gone"])
    document.chunks.filter(pk__in=ids).delete()


def chunk_split(*, document: SourceDocument, chunk: Chunk, at: int) -> list[Chunk]:
    """Makes two chunks of one.

    Args:
        at: Characters of its text that the first keeps.

    Raises:
        InputError: One of the two would be empty.
    """
    first, second = chunk.text[:at].rstrip(), chunk.text[at:].lstrip()
    if not first or not second:
        raise InputError(
            "/at: both parts need some text.",
            hint=f"Split between 1 and {len(chunk.text) - 1}.",
            extra={"path": "/at"},
        )
    head = min(chunk.start + len(first), chunk.end)
    tail = min(chunk.start + len(chunk.text) - len(second), chunk.end)
    with transaction.atomic():
        document.chunks.filter(group=chunk.group, order__gt=chunk.order).update(order=F("order") + 1)
        end = chunk.end
        chunk.text, chunk.edited, chunk.end = first, not chunk.added, head
        chunk.save()
        made = Chunk.objects.create(
            id=uuid.uuid4().hex,
            document=document,
            group=chunk.group,
            order=chunk.order + 1,
            text=second,
            start=tail,
            end=end,
            places=chunk.places,
            heading=chunk.heading,
            parent=chunk.parent,
            enabled=chunk.enabled,
            added=True,
        )
        _saved(document)
    return [chunk, made]


def chunk_merge(*, document: SourceDocument, chunk: Chunk) -> Chunk:
    """Joins a chunk with the one behind it.

    Raises:
        ApiError: 409 ``nothing_behind`` for the last.
        InputError: Together they are too long.
    """
    behind = document.chunks.filter(group=chunk.group, order=chunk.order + 1, dropped=False).first()
    if behind is None:
        raise ApiError(
            409, "nothing_behind", "There is no chunk behind this one.", "Merge from the one before."
        )
    text = _checked(_joined(chunk.text, behind.text, _between(document, chunk, behind)))
    with transaction.atomic():
        _drop(document, behind, joined=chunk.pk)
        chunk.text, chunk.edited = text, not chunk.added
        chunk.end = max(chunk.end, behind.end)
        chunk.places = _places(chunk.places, behind.places)
        chunk.save()
        _saved(document)
    return chunk


def _between(document: SourceDocument, first: Chunk, second: Chunk) -> str:
    """Returns the white space that two chunks have between them in the document; the end of a line where they
    do not stand there as they are."""
    parsed = parsed_load(document) if 0 < first.end <= second.start else None
    if parsed is None:
        return "\n"
    whole, between = parsed.text, parsed.text[first.end : second.start]
    as_they_are = whole.endswith(first.text[-_SEAM:], 0, first.end) and whole.startswith(
        second.text[:_SEAM], second.start
    )
    return between if as_they_are and not between.strip() else "\n"


def _joined(first: str, second: str, between: str) -> str:
    """Puts two texts together; what both have at the seam (an overlap of the splitter) stands once."""
    for length in range(min(len(first), len(second), 2_000), 7, -1):
        if first.endswith(second[:length]):
            return first + second[length:]
    return f"{first}{between}{second}"


def _places(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = [dict(place) for place in first]
    for place in second:
        same = next((one for one in found if one.get("page") == place.get("page")), None)
        if same is None:
            found.append(place)
        else:
            boxes = [*same.get("boxes", []), *place.get("boxes", [])]
            same["boxes"] = [box for at, box in enumerate(boxes) if box not in boxes[:at]]
            same["end"] = max(same.get("end", 0), place.get("end", 0))
    return found
