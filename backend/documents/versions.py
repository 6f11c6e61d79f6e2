"""A knowledge base as it was, to go back to: settings, documents, chunks, edits, test cases.

A version is the archive of ``portable.py`` without originals; these stay among the blobs for as long as a
version needs them. Going back touches only what differs, so unchanged chunks are not embedded again.
"""

from __future__ import annotations

import tempfile
import uuid
import zipfile
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from backend.common.blobs import blob_drop, blob_path, blob_write, roomy
from backend.common.errors import ApiError
from backend.documents import bell, hints, limits, plans
from backend.documents.models import (
    Chunk,
    KnowledgeBase,
    KnowledgeVersion,
    RetrievalCase,
    SourceDocument,
    VersionOriginal,
)
from backend.documents.pipeline import drop_unused
from backend.documents.portable import (
    ARCHIVE_BYTES,
    LINE_BYTES,
    CaseLine,
    ChunkLine,
    DocumentLine,
    Head,
    knowledge_export,
    read_lines,
)
from backend.documents.states import State, Step
from backend.documents.transitions import batch_begin, document_restart


def version_save(*, knowledge: KnowledgeBase, note: str = "") -> tuple[KnowledgeVersion, bool]:
    """Keeps a base as it is now.

    Returns:
        The version, and whether it is new: where nothing has changed since the last, that one is returned.

    Raises:
        ApiError: 507 ``no_space``.
    """
    with tempfile.TemporaryFile(dir=limits.folder("exports")) as file:
        with roomy():
            knowledge_export(knowledge=knowledge, target=file, vectors=False, originals=False)
        file.seek(0)
        content, _ = blob_write(file, limit=ARCHIVE_BYTES)
    there = knowledge.documents.exclude(state=State.REMOVING).exclude(digest="")
    with transaction.atomic():
        KnowledgeBase.objects.select_for_update().get(pk=knowledge.pk)
        last = knowledge.versions.order_by("-number").first()
        if last is not None and last.content == content:
            return last, False
        made = KnowledgeVersion.objects.create(
            knowledge=knowledge,
            number=(knowledge.versions.aggregate(most=Max("number"))["most"] or 0) + 1,
            note=note,
            content=content,
            document_count=there.count(),
            chunk_count=Chunk.objects.filter(document__in=there, dropped=False).count(),
        )
        digests = there.order_by().values_list("digest", flat=True).distinct()
        VersionOriginal.objects.bulk_create(
            [VersionOriginal(version=made, digest=digest) for digest in digests], batch_size=500
        )
    return made, True


def version_delete(*, version: KnowledgeVersion) -> None:
    """Forgets a version, and the originals that only it needed."""
    digests = list(version.originals.values_list("digest", flat=True))
    with transaction.atomic():
        version.delete()
    if not KnowledgeVersion.objects.filter(content=version.content).exists():
        blob_drop(version.content)
    for digest in digests:
        drop_unused(digest)


def version_restore(*, version: KnowledgeVersion) -> KnowledgeVersion:
    """Makes a base what it was; as it is now it is kept as a version first.

    Returns:
        The version that holds what was there before.

    Raises:
        ApiError: 409 ``version_lost``: its content is not there any more.
    """
    knowledge = version.knowledge
    if not blob_path(version.content).exists():
        raise ApiError(409, "version_lost", "The content of this version is gone.", "Choose another.")
    before, _ = version_save(knowledge=knowledge, note=f"Before going back to version {version.number}")
    with zipfile.ZipFile(blob_path(version.content)) as archive:
        head = Head.model_validate_json(archive.read("knowledge.json")[:LINE_BYTES])
        lines = [DocumentLine.model_validate(raw) for raw in read_lines(archive, "documents.jsonl")]
        chunks: dict[uuid.UUID, list[ChunkLine]] = {}
        for raw in read_lines(archive, "chunks.jsonl"):
            one = ChunkLine.model_validate(raw)
            chunks.setdefault(one.document, []).append(one)
        cases = [CaseLine.model_validate(raw) for raw in read_lines(archive, "cases.jsonl")]
    with transaction.atomic():
        _settings_restored(knowledge, head)
        _leave_out(knowledge, {line.id for line in lines})
        batch_begin(knowledge.pk)
        for line in lines:
            _document_restored(knowledge, line, chunks.get(line.id, []))
        knowledge.cases.all().delete()
        RetrievalCase.objects.bulk_create(
            [RetrievalCase(knowledge=knowledge, query=case.query, expected=case.expected) for case in cases]
        )
        transaction.on_commit(lambda: hints.work_waits(knowledge.pk))
    bell.ring(knowledge.pk)
    return before


def _settings_restored(knowledge: KnowledgeBase, head: Head) -> None:
    KnowledgeBase.objects.filter(pk=knowledge.pk).update(
        description=head.description,
        parsing=plans.checked_parsing(head.parsing),
        groups=plans.checked_groups(head.groups or plans.default_groups()),
        search=plans.checked_search(head.search).model_dump(mode="json", exclude_defaults=True),
        updated_at=timezone.now(),
    )


def _leave_out(knowledge: KnowledgeBase, wanted: set[uuid.UUID]) -> None:
    """Removes the documents that came later."""
    now = timezone.now()
    knowledge.documents.exclude(pk__in=wanted).exclude(state=State.REMOVING).update(
        state=State.REMOVING, fence=F("fence") + 1, lease_until=None, queued_at=now, changed_at=now
    )


def _document_restored(knowledge: KnowledgeBase, line: DocumentLine, lines: list[ChunkLine]) -> None:
    facts: dict[str, Any] = line.model_dump(exclude={"id"})
    now = timezone.now()
    document, made = SourceDocument.objects.get_or_create(
        pk=line.id, defaults={"knowledge": knowledge, "queued_at": now, "changed_at": now, **facts}
    )
    old = {row.pk: row for row in document.chunks.all()}
    same = (
        not made
        and document.state == State.READY
        and all(getattr(document, name) == value for name, value in facts.items())
    )
    rows = [_chunk_of(document, one, old.get(one.id)) for one in lines]
    if same and {row.pk: _said(row) for row in rows} == {pk: _said(row) for pk, row in old.items()}:
        return
    gone = [pk for pk in old if pk not in {row.pk for row in rows}]
    document.chunks.all().delete()
    Chunk.objects.bulk_create(rows, batch_size=500)
    document_restart(
        document,
        Step.TRANSFORM if rows else Step.PARSE,
        gone=[*(one for one in document.gone if one not in {row.pk for row in rows}), *gone],
        chunk_count=sum(not row.dropped for row in rows),
        size=blob_path(line.digest).stat().st_size,
        **facts,
    )


def _chunk_of(document: SourceDocument, line: ChunkLine, there: Chunk | None) -> Chunk:
    # What is being removed is on its way out of the index too.
    indexed = there.indexed if there is not None and document.state != State.REMOVING else ""
    return Chunk(
        id=line.id, document=document, indexed=indexed, **line.model_dump(exclude={"id", "document"})
    )


def _said(row: Chunk) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ChunkLine.model_fields if name != "document"}
