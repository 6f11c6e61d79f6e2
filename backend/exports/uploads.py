"""Archives on their way in."""

from __future__ import annotations

from pathlib import Path

from backend.common.uploads import UploadParser
from backend.exports import limits


class ArchiveParser(UploadParser):
    """Reads ``application/zip``."""

    media_type = "application/zip"
    too_large = ("The archive", "Export fewer things at once.")

    def largest(self) -> int:
        return limits.ARCHIVE.packed

    def folder(self) -> Path:
        return limits.folder()
