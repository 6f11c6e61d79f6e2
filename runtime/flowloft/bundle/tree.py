"""Files that wait to be packed. They stand on disk, so that a gigabyte of them needs no memory."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import IO

from flowloft.bundle.manifest import FileEntry

CHUNK = 1024 * 1024
_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip can say: the time of packing is no part of the content."""
_UNIX = 3


class Tree:
    """A folder that is filled file by file and then packed.

    Args:
        folder: An empty folder of the caller's, who removes it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, FileEntry] = {}

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(entry.bytes for entry in self.files.values())

    def add(self, path: str, content: bytes | str) -> None:
        """Adds a file by its content.

        Args:
            path: Relative, with ``/``, for instance ``flows/greeter.json``.
        """
        data = content.encode() if isinstance(content, str) else content
        target = self._place(path)
        target.write_bytes(data)
        self.files[path] = FileEntry(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))

    def copy(self, path: str, source: IO[bytes]) -> None:
        """Adds a file from a stream, a piece at a time."""
        digest, size = hashlib.sha256(), 0
        with self._place(path).open("wb") as target:
            while piece := source.read(CHUNK):
                digest.update(piece)
                size += len(piece)
                target.write(piece)
        self.files[path] = FileEntry(sha256=digest.hexdigest(), bytes=size)

    def _place(self, path: str) -> Path:
        parts = PurePosixPath(path).parts
        if not parts or path.startswith("/") or ".." in parts or "\\" in path or path in self.files:
            raise ValueError(f"{path!r} is no new path in a tree")
        target = self.folder.joinpath(*parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def pack(self, target: Path, *, told: Callable[[int], None] = lambda done: None) -> str:
        """Writes all files to a zip, sorted, with fixed times and rights.

        Args:
            told: Called with the number of bytes packed so far; what it raises ends the packing.

        Returns:
            The SHA-256 of the zip.
        """
        done = 0
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
            for path in sorted(self.files):
                info = zipfile.ZipInfo(path, _TIME)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.create_system = _UNIX
                info.external_attr = 0o100644 << 16
                info.file_size = self.files[path].bytes
                with self.folder.joinpath(path).open("rb") as source, packed.open(info, "w") as place:
                    while piece := source.read(CHUNK):
                        place.write(piece)
                        done += len(piece)
                        told(done)
        with target.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
