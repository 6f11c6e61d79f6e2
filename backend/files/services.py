"""What can be done with files for runs."""

from __future__ import annotations

import mimetypes
import uuid
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from flowloft.core.errors import InputError, NoFit

from backend.common.blobs import roomy
from backend.common.errors import ApiError
from backend.common.objects import object_for
from backend.files.models import RunFile

LARGEST = 20 << 20
"""Bytes of one file."""
AT_ONCE = 10
"""Files of one message."""
UNUSED_FOR = timedelta(days=1)
_PICTURES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}


def folder() -> Path:
    """Returns where files lie; made when it is first asked for."""
    place = Path(settings.DATA) / "run-files"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def file_place(file: RunFile) -> Path:
    """Returns where the content of a file lies."""
    return folder() / str(file.pk)


def file_add(*, owner: Any, place: Path, name: str) -> RunFile:
    """Keeps what was uploaded. What it is, is read from its first bytes, not believed.

    Raises:
        InputError: ``empty_file``; ``unreadable_picture``.
    """
    _clear(owner)
    size = place.stat().st_size
    if size == 0:
        raise InputError("The file is empty.", code="empty_file", hint="Choose another one.")
    name = (Path(name.replace("\\", "/")).name or "file")[:200]
    file = RunFile(owner=owner, name=name, media_type=_media_type(place, name), size=size)
    with roomy(), transaction.atomic():
        file.save()
        target = file_place(file)
        target.hardlink_to(place)
    return file


def _media_type(place: Path, name: str) -> str:
    guessed = mimetypes.guess_type(name)[0] or "application/octet-stream"
    picture = _picture(place)
    if picture is not None:
        return picture
    if guessed in _PICTURES.values():
        raise InputError(
            f"“{name}” is no picture that can be read.",
            code="unreadable_picture",
            hint="Save it again as PNG or JPEG.",
        )
    return guessed[:100]


def _picture(place: Path) -> str | None:
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - heavy, and rarely needed

    try:
        with Image.open(place, formats=list(_PICTURES)) as found:
            return _PICTURES[str(found.format)]
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None


def _clear(owner: Any) -> None:
    old = RunFile.objects.filter(owner=owner, used=False, created_at__lt=timezone.now() - UNUSED_FOR)
    for file in list(old[:100]):
        file_place(file).unlink(missing_ok=True)
        file.delete()


def files_take(*, owner: Any, ids: Iterable[uuid.UUID]) -> list[dict[str, Any]]:
    """Notes that files are used, and returns each as a flow sees it.

    Raises:
        ApiError: 404 for what is not the owner's; 400 ``too_many_files``.
    """
    wanted = list(dict.fromkeys(ids))
    if len(wanted) > AT_ONCE:
        raise ApiError(
            400,
            "too_many_files",
            f"At most {AT_ONCE} files at once.",
            "Send the others later.",
            path="/files",
        )
    found = [object_for(owner, RunFile, one) for one in wanted]
    RunFile.objects.filter(pk__in=wanted).update(used=True)
    return [as_value(file) for file in found]


def as_value(file: RunFile) -> dict[str, Any]:
    """Returns a file as it travels along edges: a reference, never the content."""
    return {"name": file.name, "media_type": file.media_type, "bytes": file.size, "ref": str(file.pk)}


def files_drop(*, owner: Any, refs: Iterable[str]) -> None:
    """Removes files that nothing refers to any more."""
    for file in RunFile.objects.filter(owner=owner, pk__in=list(refs)):
        file_place(file).unlink(missing_ok=True)
        file.delete()


class OwnFiles:
    """The files of a run's owner, asked by threads of the engine.

    Args:
        owner_id: Whose.
    """

    def __init__(self, owner_id: Any) -> None:
        self._owner_id = owner_id

    def place(self, ref: str) -> Path:
        """Returns where the content of a file lies, to be read only.

        Raises:
            NoFit: ``unknown_file``.
        """
        try:
            found = RunFile.objects.filter(owner_id=self._owner_id, pk=uuid.UUID(ref)).first()
        except ValueError:
            found = None
        finally:
            connection.close()
        if found is None or not file_place(found).exists():
            raise NoFit("The file is not there any more.", code="unknown_file", hint="Attach it again.")
        return file_place(found)
