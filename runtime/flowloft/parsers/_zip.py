"""Office files and books are zips: their totals are looked at before anything is unpacked."""

from __future__ import annotations

import zipfile
from pathlib import Path

from flowloft.core.parser import DocumentError

MOST_BYTES = 1 << 30
MOST_FILES = 20_000
_SURE = 100 << 20
"""Below this many bytes unpacked, no ratio is suspicious."""
_RATIO = 200
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def check_zip(path: Path, most: int = MOST_BYTES) -> None:
    """Refuses a zip that would come to too much.

    The declared sizes bind: Python's ``zipfile`` reads no more of a member than it declares.

    Raises:
        DocumentError: ``zip_bomb``; ``encrypted`` for an office file with a password, which is no
            zip; ``unreadable`` for what is broken.
    """
    with path.open("rb") as file:
        begins = file.read(8)
    if begins == _OLE:
        raise DocumentError(
            "It has a password, or is in the format of before 2007.",
            code="encrypted",
            hint="Open it, save it without a password as .docx, .xlsx or .pptx, and add that.",
        )
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
        raise DocumentError(
            f"It is broken: {error}.", code="unreadable", hint="Save it again in its program."
        ) from error
    total, packed = sum(one.file_size for one in members), max(1, path.stat().st_size)
    if total > most or len(members) > MOST_FILES or (total > _SURE and total / packed > _RATIO):
        raise DocumentError(
            f"It is {packed:,} bytes and would come to {total:,} in {len(members):,} files.",
            code="zip_bomb",
            hint=f"At most {most:,} bytes, {MOST_FILES:,} files and {_RATIO} times its size are unpacked.",
        )
    if any(one.flag_bits & 1 for one in members):
        raise DocumentError(
            "Its content has a password.", code="encrypted", hint="Save it without a password."
        )
