"""Files on their way in: piece by piece, to the disk, and on from where the line broke."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils import timezone
from flowloft.core.errors import InputError
from rest_framework.parsers import BaseParser

from backend.common.blobs import blob_keep, pour, roomy
from backend.common.errors import ApiError
from backend.documents import limits
from backend.documents.documents import clean_name, document_add
from backend.documents.models import KnowledgeBase, SourceDocument, Upload


class BytesParser(BaseParser):
    """Hands the body on as a stream, whatever it is."""

    media_type = "application/octet-stream"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return stream


def body_of(data: Any) -> IO[bytes]:
    """Returns the body of a request as a stream; one that is empty was never parsed."""
    found: IO[bytes] = data if hasattr(data, "read") else BytesIO()
    return found


def _place(upload: Upload) -> Path:
    return limits.folder("uploads") / str(upload.pk)


def upload_start(*, knowledge: KnowledgeBase, name: str, size: int, media_type: str = "") -> Upload:
    """Begins an upload, or finds the one of the same name and size that was broken off.

    Raises:
        ApiError: 413 ``too_large``.
    """
    if size > limits.FILE_BYTES:
        raise ApiError(
            413,
            "too_large",
            f"“{name[:200]}” is larger than {limits.FILE_BYTES >> 20} MiB.",
            "Send a smaller one, or have the owner raise the limit in the settings.",
            limit=limits.FILE_BYTES,
        )
    name = clean_name(name)
    with transaction.atomic():
        found = Upload.objects.filter(knowledge=knowledge, name=name, size=size).first()
        if found is None:
            found = Upload.objects.create(knowledge=knowledge, name=name, size=size, media_type=media_type)
    place = _place(found)
    there = place.stat().st_size if place.exists() else 0
    if there != found.received:
        found.received = min(there, size)
        Upload.objects.filter(pk=found.pk).update(received=found.received)
    return found


def upload_append(*, upload: Upload, offset: int, stream: IO[bytes]) -> tuple[Upload, Any]:
    """Adds a piece; the last makes the document.

    Returns:
        The upload, and the document with whether it is new; None while pieces are missing.

    Raises:
        ApiError: 409 ``wrong_offset``, with the offset to go on from; 413; 507 ``no_space``.
    """
    place = _place(upload)
    there = place.stat().st_size if place.exists() else 0
    if offset != there:
        raise ApiError(
            409,
            "wrong_offset",
            f"{there} bytes have arrived, and this piece begins at {offset}.",
            "Go on from the offset in `extra`.",
            offset=there,
        )
    with roomy():
        try:
            with place.open("ab") as file:
                pour(stream, file, limit=min(limits.PART_BYTES, upload.size - there))
        except ApiError:
            # What was too much of a piece is not kept.
            with place.open("r+b") as file:
                file.truncate(there)
            raise
    upload.received = place.stat().st_size
    upload.save(update_fields=["received", "touched_at"])
    if upload.received < upload.size:
        return upload, None
    return upload, _finish(upload)


def _finish(upload: Upload) -> tuple[SourceDocument, bool]:
    place = _place(upload)
    if not place.exists():
        place.touch()
    digest, size = blob_keep(place)
    made = document_add(
        knowledge=upload.knowledge,
        name=upload.name,
        digest=digest,
        size=size,
        media_type=upload.media_type,
    )
    with transaction.atomic():
        upload.delete()
    return made


def upload_drop(*, upload: Upload) -> None:
    """Gives an upload up."""
    _place(upload).unlink(missing_ok=True)
    upload.delete()


def uploads_prune() -> None:
    """Removes uploads that do not go on."""
    old = timezone.now() - timedelta(hours=limits.UPLOAD_HOURS)
    for upload in Upload.objects.filter(touched_at__lt=old)[:100]:
        upload_drop(upload=upload)


def offset_of(given: str) -> int:
    """Reads an offset.

    Raises:
        InputError: It is no number of bytes.
    """
    if not (given.isascii() and given.isdigit() and len(given) < 16):
        raise InputError("/offset: a number of bytes is needed.", extra={"path": "/offset"})
    return int(given)
