"""Files on their way in: to the disk, a piece at a time, never whole in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, ClassVar

from rest_framework.parsers import BaseParser
from rest_framework.request import Request

from backend.common.errors import ApiError

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


class UploadParser(BaseParser):
    """Reads a body into a file of its own; the data of the request is an :class:`Upload`."""

    media_type = "application/octet-stream"
    too_large: ClassVar[tuple[str, str]] = ("The file", "Send less at once.")
    """What it is called where it is too large, and what to do then."""

    def largest(self) -> int:
        """Returns the most bytes that are taken."""
        raise NotImplementedError

    def folder(self) -> Path:
        """Returns where it lies until it is closed."""
        raise NotImplementedError

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        # Closed by whoever takes the upload; the file goes with it.
        file = tempfile.NamedTemporaryFile(prefix="upload-", dir=self.folder())  # noqa: SIM115
        size, largest = 0, self.largest()
        while piece := stream.read(PIECE):
            size += len(piece)
            if size > largest:
                file.close()
                what, hint = self.too_large
                raise ApiError(
                    413, "too_large", f"{what} is larger than {largest >> 20} MiB.", hint, limit=largest
                )
            file.write(piece)
        file.flush()
        return Upload(file)


def upload_of(request: Request) -> Upload:
    """Returns the file that a request brought.

    Raises ``ApiError`` with status 422 (``no_file``) where its body is empty.
    """
    if isinstance(request.data, Upload):
        return request.data
    raise ApiError(422, "no_file", "There is no file in this request.", "Send the file's bytes as its body.")
