"""Files kept once under the hash of their content, in ``blobs`` of the data directory."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from backend.common.errors import ApiError

PIECE = 1024 * 1024
_FULL = (errno.ENOSPC, errno.EDQUOT)
_LEAST_ROOM = 8 * 1024 * 1024


def no_space() -> ApiError:
    """Returns the refusal where the disk is full."""
    return ApiError(
        507,
        "no_space",
        "The disk that holds the studio's data is full.",
        "Make room or delete what is no longer needed, then try again; nothing was lost.",
    )


def is_full() -> bool:
    """Says whether the disk that holds the studio's data has next to no room left:
    what fails then, fails of that."""
    return shutil.disk_usage(settings.DATA).free < _LEAST_ROOM


@contextmanager
def roomy() -> Iterator[None]:
    """Turns a full disk into an error that says so."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise no_space() from error
        raise


def blob_path(digest: str) -> Path:
    """Returns where the content with a SHA-256 lies, whether or not it is there."""
    return Path(settings.DATA) / "blobs" / digest[:2] / digest


def blob_keep(place: Path) -> tuple[str, int]:
    """Takes a file of the data directory over; it is gone from where it was.

    Returns:
        SHA-256 and size.
    """
    total, size = hashlib.sha256(), 0
    with roomy():
        with place.open("rb") as file:
            while piece := file.read(PIECE):
                total.update(piece)
                size += len(piece)
            os.fsync(file.fileno())
        digest = total.hexdigest()
        target = blob_path(digest)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.replace(target)
    return digest, size


def blob_write(source: IO[bytes], *, limit: int) -> tuple[str, int]:
    """Keeps what a stream gives, a piece at a time.

    Raises:
        ApiError: 413 ``too_large``; 507 ``no_space``.
    """
    with roomy():
        inbox = Path(settings.DATA) / "blobs" / "new"
        inbox.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=inbox)
        place = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                pour(source, file, limit=limit)
            return blob_keep(place)
        finally:
            place.unlink(missing_ok=True)


def pour(source: IO[bytes], target: IO[Any], *, limit: int) -> int:
    """Copies a stream; returns how many bytes there were.

    Raises:
        ApiError: 413 ``too_large``.
    """
    size = 0
    while piece := source.read(PIECE):
        size += len(piece)
        if size > limit:
            raise ApiError(
                413,
                "too_large",
                f"The file is larger than {limit >> 20} MiB.",
                "Send a smaller one, or have the owner raise the limit in the settings.",
                limit=limit,
            )
        target.write(piece)
    return size


def blob_drop(digest: str) -> None:
    """Removes a content that nothing refers to any more."""
    blob_path(digest).unlink(missing_ok=True)
