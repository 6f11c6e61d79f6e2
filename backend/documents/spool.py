"""Vectors of a document between two steps, on the disk: a worker that dies loses at most one batch.

A file begins with a line of JSON that names the model; each record is the hash of a text (64 characters),
the number of dimensions (4 bytes) and 32-bit floats, little-endian. A record that was cut off is not read.
"""

from __future__ import annotations

import array
import hashlib
import json
import os
import struct
import sys
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from backend.common.blobs import roomy
from backend.documents import limits

_HEAD = struct.Struct("<64sI")


def key_of(text: str) -> str:
    """Returns what the vector of a text is kept under."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _place(document_id: uuid.UUID) -> Path:
    return limits.folder("vectors") / f"{document_id}.bin"


def pack(key: str, vector: Sequence[float]) -> bytes:
    """Returns one record."""
    floats = array.array("f", vector)
    if sys.byteorder == "big":
        floats.byteswap()
    return _HEAD.pack(key.encode(), len(floats)) + floats.tobytes()


def unpack(content: bytes) -> dict[str, list[float]]:
    """Reads records, up to the first that is not whole."""
    return _read(content)[0]


def _read(content: bytes) -> tuple[dict[str, list[float]], int]:
    """Returns the records, and how many bytes hold whole ones."""
    found: dict[str, list[float]] = {}
    at = 0
    while at + _HEAD.size <= len(content):
        key, dimensions = _HEAD.unpack_from(content, at)
        end = at + _HEAD.size + 4 * dimensions
        if end > len(content):
            break
        floats = array.array("f", content[at + _HEAD.size : end])
        if sys.byteorder == "big":
            floats.byteswap()
        found[key.decode("ascii", "replace")] = floats.tolist()
        at = end
    return found, at


def load(document_id: uuid.UUID, model: str) -> dict[str, list[float]]:
    """Returns the vectors of a model, by hash of their text; none where another model made them.

    A record that a worker could not finish is cut off, so that the next follows a whole one.
    """
    place = _place(document_id)
    try:
        content = place.read_bytes()
    except FileNotFoundError:
        return {}
    head, _, rest = content.partition(b"\n")
    if head != _header(model):
        return {}
    found, whole = _read(rest)
    if whole < len(rest):
        os.truncate(place, len(head) + 1 + whole)
    return found


def add(document_id: uuid.UUID, model: str, vectors: Mapping[str, Sequence[float]]) -> None:
    """Adds vectors; those of another model are thrown away."""
    place = _place(document_id)
    with roomy():
        if not place.exists() or place.open("rb").readline().rstrip(b"\n") != _header(model):
            place.write_bytes(_header(model) + b"\n")
        with place.open("ab") as file:
            file.write(b"".join(pack(key, vector) for key, vector in vectors.items()))


def _header(model: str) -> bytes:
    return json.dumps({"model": model}).encode()


def drop(document_id: uuid.UUID) -> None:
    """Forgets the vectors of a document."""
    _place(document_id).unlink(missing_ok=True)
