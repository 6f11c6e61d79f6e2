"""What happens to documents: how they come in, and what is done with several at once."""

from __future__ import annotations

import mimetypes
import uuid
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from flowloft.core.errors import InputError

from backend.common.blobs import blob_write
from backend.common.errors import ApiError
from backend.documents import bell, hints, limits
from backend.documents.models import KnowledgeBase, SourceDocument
from backend.documents.states import HELD, OVER, State, Step
from backend.documents.transitions import (
    batch_begin,
    document_restart,
    documents_cancel,
    documents_queue,
)


def clean_name(name: str) -> str:
    """Returns a file's name with its folders, without what leads elsewhere."""
    parts = [part for part in PurePosixPath(name.replace("\\", "/")).parts if part not in ("/", ".", "..")]
    return "/".join(parts)[-500:] or "document"


def document_add(
    *,
    knowledge: KnowledgeBase,
    name: str,
    digest: str,
    size: int,
    media_type: str = "",
    source: str = "",
    tags: Sequence[str] = (),
) -> tuple[SourceDocument, bool]:
    """Adds a document whose original is among the blobs.

    Returns:
        The document, and whether it is new: equal content is kept once in a base.
    """
    now = timezone.now()
    name = clean_name(name)
    there = SourceDocument.objects.exclude(state=State.REMOVING)
    try:
        with transaction.atomic():
            if found := there.filter(knowledge=knowledge, digest=digest).first():
                return found, False
            batch_begin(knowledge.pk, now)
            made = SourceDocument.objects.create(
                knowledge=knowledge,
                name=name,
                digest=digest,
                size=size,
                media_type=media_type or mimetypes.guess_type(name)[0] or "",
                source=source,
                tags=list(tags),
                queued_at=now,
                changed_at=now,
            )
            KnowledgeBase.objects.filter(pk=knowledge.pk).update(updated_at=now)
            transaction.on_commit(lambda: hints.work_waits(knowledge.pk))
    except IntegrityError:
        return there.get(knowledge=knowledge, digest=digest), False
    return made, True


def text_add(*, knowledge: KnowledgeBase, name: str, text: str, tags: Sequence[str] = ()) -> Any:
    """Adds a text that somebody wrote or pasted; as :func:`document_add`."""
    name = name if PurePosixPath(name).suffix in (".txt", ".md") else f"{name}.txt"
    digest, size = blob_write(BytesIO(text.encode()), limit=limits.TEXT_BYTES)
    return document_add(knowledge=knowledge, name=name, digest=digest, size=size, tags=tags)


def stream_add(*, knowledge: KnowledgeBase, name: str, stream: IO[bytes], **facts: Any) -> Any:
    """Adds a file as it comes in; as :func:`document_add`.

    Raises:
        ApiError: 413 ``too_large``; 507 ``no_space``.
    """
    digest, size = blob_write(stream, limit=limits.FILE_BYTES)
    return document_add(knowledge=knowledge, name=name, digest=digest, size=size, **facts)


def sources_add(
    *, knowledge: KnowledgeBase, sources: Sequence[tuple[str, str]], tags: Sequence[str] = ()
) -> list[SourceDocument]:
    """Adds documents that a worker will fetch.

    Args:
        sources: Name, and address or path of each; those that are there already are left out.
    """
    now = timezone.now()
    with transaction.atomic():
        known = set(
            SourceDocument.objects.filter(knowledge=knowledge)
            .exclude(state=State.REMOVING)
            .values_list("source", flat=True)
        )
        made = [
            SourceDocument(
                knowledge=knowledge,
                name=clean_name(name),
                source=source,
                step=Step.FETCH,
                tags=list(tags),
                queued_at=now,
                changed_at=now,
            )
            for name, source in {source: (name, source) for name, source in sources}.values()
            if source not in known
        ]
        batch_begin(knowledge.pk, now)
        SourceDocument.objects.bulk_create(made, batch_size=500)
        transaction.on_commit(lambda: hints.work_waits(knowledge.pk))
    return made


def urls_add(*, knowledge: KnowledgeBase, urls: Sequence[str], tags: Sequence[str] = ()) -> Any:
    """Adds pages of the web.

    Raises:
        InputError: ``bad_url``.
    """
    return sources_add(knowledge=knowledge, sources=[(_called(url), url) for url in urls], tags=tags)


def _called(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        raise InputError(
            f"“{url[:200]}” is no address of the web.",
            code="bad_url",
            hint="An address begins with https:// or http:// and names a host.",
            extra={"path": "/urls"},
        )
    return unquote(f"{host}{parts.path}").rstrip("/")


def allowed_folders() -> list[Path]:
    """Returns the folders of this machine that the owner may read documents from."""
    return [Path(name).resolve() for name in settings.ENVIRONMENT.folders]


def allowed_path(given: str) -> Path:
    """Returns a path of this machine, links followed.

    Raises:
        ApiError: 403 ``folder_refused``: it is not below a folder of ``FLOWLOFT_FOLDERS``.
    """
    path = Path(given).resolve()
    folders = allowed_folders()
    if not any(path == folder or folder in path.parents for folder in folders):
        raise ApiError(
            403,
            "folder_refused",
            f"“{given[:200]}” may not be read.",
            f"Folders that may: {', '.join(map(str, folders)) or 'none; set FLOWLOFT_FOLDERS'}.",
            path="/folder",
        )
    return path


def folder_add(*, user: Any, knowledge: KnowledgeBase, folder: str, tags: Sequence[str] = ()) -> Any:
    """Adds the files of a folder of this machine, those of its folders too.

    Raises:
        ApiError: 403 for all but the owner, and for folders that were not allowed; 404 ``no_folder``.
    """
    if not user.is_owner:
        raise ApiError(403, "owner_only", "Only the owner of the studio reads folders of the server.")
    root = allowed_path(folder)
    if not root.is_dir():
        raise ApiError(404, "no_folder", f"There is no folder “{folder[:200]}”.", path="/folder")
    found = []
    for path in sorted(root.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
        if hidden or path.is_symlink() or not path.is_file():
            continue
        found.append((str(path.relative_to(root)), path.as_uri()))
        if len(found) > limits.FOLDER_FILES:
            raise ApiError(
                413,
                "too_many_files",
                f"There are more than {limits.FOLDER_FILES} files in it.",
                "Take a folder further down.",
            )
    return sources_add(knowledge=knowledge, sources=found, tags=tags)


def document_update(*, document: SourceDocument, **given: Any) -> SourceDocument:
    """Changes name, tags, or whether it is searched."""
    facts = {name: given[name] for name in ("name", "tags", "enabled") if name in given}
    if "name" in facts:
        facts["name"] = clean_name(facts["name"])
    now = timezone.now()
    with transaction.atomic():
        SourceDocument.objects.filter(pk=document.pk).update(changed_at=now, **facts)
        if facts:
            # Tags and titles are searched by, so the index has to learn of them.
            touched(document)
        transaction.on_commit(lambda: hints.work_waits(document.knowledge_id))
    document.refresh_from_db()
    return document


def touched(document: SourceDocument) -> None:
    """Has the chunks that changed embedded and indexed; call it inside the transaction."""
    mine = SourceDocument.objects.filter(pk=document.pk)
    now = timezone.now()
    batch_begin(document.knowledge_id, now)
    if not mine.filter(state=State.READY).update(
        state=State.QUEUED, step=Step.TRANSFORM, queued_at=now, changed_at=now, attempt=1, progress=0.25
    ):
        mine.filter(state__in=HELD).update(again=True, changed_at=now)


def documents_found(
    found: QuerySet[SourceDocument], *, q: str = "", state: str = "", language: str = "", tag: str = ""
) -> QuerySet[SourceDocument]:
    """Returns those documents that fit.

    Args:
        q: Part of the name, the title or the reason of a failure.
        state: One or more, with commas between.
    """
    if words := q.strip():
        found = found.filter(
            Q(name__icontains=words) | Q(title__icontains=words) | Q(error__message__icontains=words)
        )
    if states := [one for one in state.split(",") if one]:
        found = found.filter(state__in=states)
    if language:
        found = found.filter(language=language)
    if tag:
        # JSON in SQLite has no containment; a base has few enough documents to look.
        pairs = found.values_list("id", "tags")
        found = found.filter(id__in=[id_ for id_, tags in pairs if tag in tags])
    return found


def documents_facets(knowledge: KnowledgeBase) -> dict[str, list[str]]:
    """Returns the languages and tags that there are, sorted."""
    found = SourceDocument.objects.filter(knowledge=knowledge).exclude(state=State.REMOVING)
    tags = {tag for tags in found.exclude(tags=[]).values_list("tags", flat=True) for tag in tags}
    languages = found.exclude(language="").order_by().values_list("language", flat=True).distinct()
    return {"languages": sorted(languages), "tags": sorted(tags)}


def document_replace(*, document: SourceDocument, stream: IO[bytes], name: str = "") -> SourceDocument:
    """Puts another original in the place of a document's; tags stay, and what people changed by hand is
    carried over to the new text.

    Raises:
        ApiError: 409 ``duplicate_document``; 413 ``too_large``; 507 ``no_space``.
    """
    digest, size = blob_write(stream, limit=limits.FILE_BYTES)
    name = clean_name(name or document.name)
    there = SourceDocument.objects.filter(knowledge_id=document.knowledge_id, digest=digest)
    there = there.exclude(state=State.REMOVING).exclude(pk=document.pk)
    try:
        with transaction.atomic():
            if other := there.first():
                raise _duplicate(other)
            batch_begin(document.knowledge_id)
            document_restart(
                document,
                Step.PARSE,
                digest=digest,
                size=size,
                name=name,
                source="",
                media_type=mimetypes.guess_type(name)[0] or "",
            )
            transaction.on_commit(lambda: hints.work_waits(document.knowledge_id))
    except IntegrityError:
        raise _duplicate(there.get()) from None
    document.refresh_from_db()
    return document


def _duplicate(other: SourceDocument) -> ApiError:
    return ApiError(
        409,
        "duplicate_document",
        f"The same content is here already as “{other.name}”.",
        "Delete one of the two.",
        document_id=str(other.pk),
    )


ACTIONS = ("retry", "reparse", "refetch", "cancel", "delete", "enable", "disable", "tag", "untag")


def documents_act(
    *,
    knowledge: KnowledgeBase,
    action: str,
    ids: Sequence[uuid.UUID] | None,
    tags: Sequence[str] = (),
    **fits: str,
) -> int:
    """Does one thing with several documents.

    Args:
        action: One of ``ACTIONS``.
        ids: Which; None for all that fit ``fits`` and the action.
        fits: As :func:`documents_found` takes it.
        tags: For ``tag`` and ``untag``.

    Returns:
        How many it concerned.
    """
    found = SourceDocument.objects.filter(knowledge=knowledge).exclude(state=State.REMOVING)
    found = documents_found(found, **fits) if ids is None else found.filter(id__in=ids)
    if action in ("retry", "reparse", "refetch"):
        batch_begin(knowledge.pk)
    count = _act(found, action, tags)
    bell.ring(knowledge.pk)
    hints.work_waits(knowledge.pk)
    return count


def _act(found: Any, action: str, tags: Sequence[str]) -> int:
    now = timezone.now()
    if action == "retry":
        stopped = found.filter(state__in=(State.FAILED, State.CANCELLED))
        # Each goes on where it stopped, so they are queued step by step.
        return sum(documents_queue(stopped.filter(step=step), step) for step in Step)
    if action == "reparse":
        return documents_queue(found.filter(state__in=OVER).exclude(digest=""), Step.PARSE)
    if action == "refetch":
        return documents_queue(found.filter(state__in=OVER).exclude(source=""), Step.FETCH)
    if action == "cancel":
        return documents_cancel(found)
    if action == "delete":
        with transaction.atomic():
            return int(found.update(state=State.REMOVING, queued_at=now, changed_at=now, lease_until=None))
    if action in ("enable", "disable"):
        with transaction.atomic():
            for document in found.exclude(enabled=action == "enable"):
                SourceDocument.objects.filter(pk=document.pk).update(enabled=action == "enable")
                touched(document)
            return int(found.update(changed_at=now))
    return _tag(found, action, tags)


def _tag(found: Any, action: str, tags: Sequence[str]) -> int:
    count = 0
    for document in found.only("id", "tags", "knowledge_id"):
        kept = [tag for tag in document.tags if action == "tag" or tag not in tags]
        wanted = kept + [tag for tag in tags if action == "tag" and tag not in kept]
        if wanted != document.tags:
            document_update(document=document, tags=wanted)
            count += 1
    return count
