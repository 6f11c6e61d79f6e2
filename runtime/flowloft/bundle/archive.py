"""Reads an archive that anybody may have made: every name and number is checked before a byte of
content is unpacked, and every byte against its digest afterwards."""

from __future__ import annotations

import hashlib
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError

from flowloft.bundle.manifest import MANIFEST, SCHEMA_VERSION, Manifest
from flowloft.bundle.tree import CHUNK
from flowloft.codegen.files import read_flow
from flowloft.core.errors import FlowError, InputError

_END = struct.Struct("<4s4H2LH")
"""The last record of a zip: signature, disks, entries, size and place of the directory, comment."""
_ENTRY_BYTES = 46
"""Of an entry of the directory, without its name."""
_LOCATOR = b"PK\x06\x07"
_LOCATOR_BYTES = 20
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeError)
"""What Python's reader of zips raises at bytes that fit nowhere."""
_SMALL = 64 * 1024
"""Bytes up to which a file may be as compressible as it likes."""


@dataclass(frozen=True)
class Limits:
    """What an archive may be at most.

    Attributes:
        packed: Bytes of the file itself.
        unpacked: Bytes of all its files.
        files: How many there are.
        ratio: Unpacked bytes a packed one, for each file beyond 64 KiB and for all together.
        document: Bytes of the manifest, or of a flow.
    """

    packed: int = 1024**3
    unpacked: int = 4 * 1024**3
    files: int = 20_000
    ratio: int = 200
    document: int = 16 * 1024**2


class Archive:
    """An archive whose names and numbers have been checked."""

    def __init__(self, packed: zipfile.ZipFile, manifest: Manifest, limits: Limits) -> None:
        self._packed = packed
        self._limits = limits
        self.manifest = manifest

    def read(self, path: str) -> bytes:
        """Returns a file that fits into memory.

        Raises:
            FlowError: ``broken_archive``: not there, too big, or other bytes than the manifest says.
        """
        entry = self.manifest.files.get(path)
        if entry is None:
            raise refusal(f"The archive has no file “{path}”.", path=path)
        if entry.bytes > self._limits.document:
            raise refusal(f"“{path}” is too big.", path=path)
        with self.open(path) as file:
            return b"".join(iter(lambda: file.read(CHUNK), b""))

    @contextmanager
    def open(self, path: str) -> Iterator[IO[bytes]]:
        """Opens a file to read a piece at a time; a wrong digest is noticed when it is read to its end."""
        entry = self.manifest.files.get(path)
        if entry is None:
            raise refusal(f"The archive has no file “{path}”.", path=path)
        try:
            file = self._packed.open(path)
        except _DAMAGED as error:
            raise refusal(f"“{path}” is damaged: {error}.", path=path) from error
        with file:
            yield _Checked(file, path, entry.sha256)  # type: ignore[misc]

    def flow(self, path: str) -> dict[str, Any]:
        """Returns the document of a flow.

        Raises:
            FlowError: It is none; ``extra["path"]`` begins with the file's.
        """
        try:
            return read_flow(self.read(path).decode("utf-8"), "json")
        except UnicodeDecodeError:
            raise refusal(f"“{path}” is no UTF-8 text.", path=path) from None
        except FlowError as error:
            error.extra["path"] = f"{path}#{error.extra.get('path', '')}"
            raise


class _Checked:
    """A file that compares what was read with its digest."""

    def __init__(self, file: IO[bytes], path: str, wanted: str) -> None:
        self._file = file
        self._path = path
        self._wanted = wanted
        self._digest = hashlib.sha256()

    def read(self, size: int = CHUNK) -> bytes:
        try:
            piece = self._file.read(size)
        except _DAMAGED as error:
            raise refusal(f"“{self._path}” is damaged: {error}.", path=self._path) from error
        self._digest.update(piece)
        if not piece and self._digest.hexdigest() != self._wanted:
            raise refusal(f"“{self._path}” is not what the manifest says.", path=self._path)
        return piece


@contextmanager
def open_archive(place: Path, limits: Limits | None = None) -> Iterator[Archive]:
    """Opens an archive for reading.

    Raises:
        InputError: ``unsafe_archive``: it is no zip, or one that nobody should unpack.
        FlowError: ``broken_archive``: its manifest is missing, or does not fit its files.
    """
    limits = limits or Limits()
    _check_directory(place, limits)
    try:
        packed = zipfile.ZipFile(place)
    except (*_DAMAGED, ValueError, OSError, struct.error) as error:
        raise _unsafe(f"it is no zip: {error}") from error
    with packed:
        _check_entries(packed.infolist(), limits, place.stat().st_size)
        yield Archive(packed, _manifest(packed, limits), limits)


def _check_directory(place: Path, limits: Limits) -> None:
    """Looks at the size of the directory before anything reads it into memory."""
    size = place.stat().st_size
    if size > limits.packed:
        raise _unsafe(f"it is larger than {limits.packed >> 20} MiB")
    with place.open("rb") as file:
        file.seek(max(0, size - _END.size - _LOCATOR_BYTES))
        tail = file.read()
    if len(tail) < _END.size or tail[-_END.size :][:4] != b"PK\x05\x06":
        raise _unsafe("it is no zip, or one with a comment")
    _, disk, first_disk, here, entries, directory, _, comment = _END.unpack(tail[-_END.size :])
    if disk or first_disk or here != entries or comment:
        raise _unsafe("it is one of several volumes")
    if tail.startswith(_LOCATOR) or entries > limits.files:
        raise _unsafe(f"it holds more than {limits.files} files")
    if directory > entries * (_ENTRY_BYTES + 1024):
        raise _unsafe("its directory is larger than its entries need")


def _check_entries(entries: list[zipfile.ZipInfo], limits: Limits, size: int) -> None:
    if len(entries) > limits.files:
        raise _unsafe(f"it holds more than {limits.files} files")
    known: set[str] = set()
    total, end = 0, 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        _check_name(entry)
        _check_kind(entry)
        folded = unicodedata.normalize("NFC", entry.filename).casefold()
        if folded in known:
            raise _unsafe(f"“{_shown(entry.filename)}” is in it twice")
        known.add(folded)
        if entry.header_offset < end or entry.header_offset + entry.compress_size > size:
            raise _unsafe("its files overlap")
        end = entry.header_offset + entry.compress_size
        if entry.file_size > max(_SMALL, limits.ratio * entry.compress_size):
            raise _unsafe(f"“{_shown(entry.filename)}” unpacks to more than {limits.ratio} times its size")
        total += entry.file_size
    if total > limits.unpacked:
        raise _unsafe(f"it unpacks to more than {limits.unpacked >> 20} MiB")
    if total > max(_SMALL, limits.ratio * size):
        raise _unsafe(f"it unpacks to more than {limits.ratio} times its size")


def _check_name(entry: zipfile.ZipInfo) -> None:
    # ``filename`` ends at a NUL; ``orig_filename`` is what stands in the file.
    name = entry.orig_filename
    parts = name.split("/")
    odd = any(ord(mark) < 32 or mark in '\\:*?"<>|\x7f' for mark in name)
    if odd or len(name) > 300 or any(part in ("", ".", "..") for part in parts):
        raise _unsafe(f"“{_shown(name)}” is no plain name of a file inside it")


def _check_kind(entry: zipfile.ZipInfo) -> None:
    mode = entry.external_attr >> 16
    if mode and not stat.S_ISREG(mode) and stat.S_IFMT(mode):
        raise _unsafe(f"“{_shown(entry.filename)}” is a link or another special file")
    if entry.flag_bits & 0x1:
        raise _unsafe(f"“{_shown(entry.filename)}” is encrypted")
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _unsafe(f"“{_shown(entry.filename)}” is packed in an uncommon way")


def _manifest(packed: zipfile.ZipFile, limits: Limits) -> Manifest:
    entries = {entry.filename: entry for entry in packed.infolist()}
    found = entries.pop(MANIFEST, None)
    if found is None:
        raise FlowError(
            "The zip has no manifest.json.",
            code="no_bundle",
            hint="Choose an archive that was exported from Flowloft; a flow alone is imported as "
            "JSON, YAML or Python.",
            extra={"path": MANIFEST},
        )
    if found.file_size > limits.document:
        raise refusal("The manifest is too big.", path=MANIFEST)
    try:
        document = read_plain(packed.read(MANIFEST))
        _refuse_newer(document)
        manifest = Manifest.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = "/".join(str(part) for part in first["loc"])
        raise refusal(f"The manifest is not valid: {first['msg']}.", path=f"{MANIFEST}#/{place}") from error
    except _DAMAGED as error:
        raise refusal(f"The manifest is damaged: {error}.", path=MANIFEST) from error
    listed = {path: entry.bytes for path, entry in manifest.files.items()}
    there = {path: entry.file_size for path, entry in entries.items()}
    if listed != there:
        first_odd = min(path for path, _ in set(listed.items()) ^ set(there.items()))
        raise refusal(f"The manifest and the files differ at “{_shown(first_odd)}”.", path=first_odd)
    return manifest


def read_plain(raw: bytes) -> dict[str, Any]:
    """Reads a JSON object that is no flow.

    Raises:
        FlowError: ``broken_archive``.
    """
    try:
        return read_flow(raw.decode("utf-8"), "json")
    except UnicodeDecodeError:
        raise refusal("The manifest is no UTF-8 text.", path=MANIFEST) from None
    except FlowError as error:
        raise refusal(error.message, path=f"{MANIFEST}#{error.extra.get('path', '')}") from error


def _refuse_newer(document: dict[str, Any]) -> None:
    version = document.get("schema_version")
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise FlowError(
            f"The archive has schema version {version}; this Flowloft knows up to {SCHEMA_VERSION}.",
            code="newer_schema",
            hint="Import it with a newer Flowloft.",
            extra={"path": f"{MANIFEST}#/schema_version"},
        )


def refusal(message: str, *, path: str) -> FlowError:
    """Returns the refusal of an archive that is safe to read, and wrong."""
    return FlowError(
        message,
        code="broken_archive",
        hint="Export it again; archives are not made to be edited by hand.",
        extra={"path": path},
    )


def _unsafe(why: str) -> InputError:
    return InputError(
        f"The archive is not read: {why}.",
        code="unsafe_archive",
        hint="Send an archive as Flowloft exports it.",
        extra={"path": ""},
    )


def _shown(name: str) -> str:
    return "".join(mark if mark.isprintable() else "�" for mark in name[:80])
