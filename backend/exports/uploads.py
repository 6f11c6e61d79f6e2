"""Archives on their way in: to the disk, a piece at a time, never whole in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from rest_framework.parsers import BaseParser

from backend.common.errors import ApiError
from backend.exports import limits

PIECE = 1024 * 1024


class Upload:
    """An uploaded file, which is gone when this is closed."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.place = Path(file.name)

    def __enter__(self) -> Path:
        return self.place

    def __exit__(self, *_: object) -> None:
        self._file.close()


class ArchiveParser(BaseParser):
    """Reads ``application/zip`` into a file of its own; the data of the request is an :class:`Upload`."""

    media_type = "application/zip"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        # Closed by whoever takes the upload; the file goes with it.
        file = tempfile.NamedTemporaryFile(prefix="upload-", dir=limits.folder())  # noqa: SIM115
        size = 0
        while piece := stream.read(PIECE):
            size += len(piece)
            if size > limits.ARCHIVE.packed:
                file.close()
                raise ApiError(
                    413,
                    "too_large",
                    f"The archive is larger than {limits.ARCHIVE.packed >> 20} MiB.",
                    "Export fewer things at once.",
                    limit=limits.ARCHIVE.packed,
                )
            file.write(piece)
        file.flush()
        return Upload(file)
