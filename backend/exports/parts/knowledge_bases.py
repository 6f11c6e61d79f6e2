"""Knowledge bases: those that the flows ask, and those named by id."""

from __future__ import annotations

import hashlib
import json
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO, Any, Literal

from django.db.models import Max, Sum
from pydantic import Field

from backend.common.errors import ApiError
from backend.common.objects import objects_of
from backend.documents.models import Chunk, KnowledgeBase
from backend.documents.portable import knowledge_export, knowledge_import
from backend.exports import limits
from backend.exports.keyed import Entry, Keyed
from backend.exports.origins import origin_keep
from backend.exports.part import Incoming, Options, Outgoing, Part, Piece

VECTOR_BYTES = 4
Content = Literal["none", "originals", "chunks", "chunks_and_vectors"]


class KnowledgeOptions(Options):
    """How much of each goes out."""

    content: Content = "chunks"
    """``none``; ``originals``, which are read anew where they are imported; ``chunks``: with the edits
    made to them; ``chunks_and_vectors``: which need the same embedding model there."""
    ids: list[uuid.UUID] = Field(default_factory=list, max_length=100)
    """Further knowledge bases, besides those that the flows ask."""


BASES = Keyed(
    widget="knowledge_base",
    part="knowledge_bases",
    model=KnowledgeBase,
    there=lambda user: objects_of(user, KnowledgeBase).filter(removed=False),
    gone="A knowledge base that is asked is not there any more.",
    path="knowledge/{}.zip",
)


class KnowledgeBases(Part):
    """Each as the file that its own export makes, inside the archive."""

    title = "Knowledge bases"
    order = 30
    options = KnowledgeOptions

    def __init__(self) -> None:
        self._entries: list[tuple[Entry, KnowledgeBase | None]] = []

    def collect(self, going: Outgoing, options: KnowledgeOptions) -> None:
        found = BASES.asked(going, options.ids)
        if not found:
            return
        if options.content == "none" or not going.archive:
            names = ", ".join(f"“{one.name}”" for one in found.values())
            going.warnings.append(f"Needed where it runs: the knowledge bases {names}.")
            return
        entries: list[dict[str, Any]] = []
        for one, entry in BASES.going(going, found):
            entries.append(entry.model_dump(mode="json"))
            content = partial(_opened, one, options.content)
            going.pieces.append(
                Piece(entry.path, _size(one, options.content), _mark(one, options.content), content)
            )
        going.parts[BASES.part] = entries

    def read(self, coming: Incoming) -> None:
        self._entries = [(entry, BASES.here(coming, entry)) for entry in BASES.coming(coming)]

    def apply(self, coming: Incoming) -> None:
        ids = coming.ids.setdefault(BASES.widget, {})
        for entry, existing in self._entries:
            told = BASES.said(entry)
            if existing is not None and coming.conflict != "copy":
                # Documents are too much to be replaced by the way: what is here stays.
                ids[str(entry.key)] = str(existing.pk)
                note = "It is here already, and stays as it is."
                coming.skipped.append({**told, "id": str(existing.pk), "note": note})
                continue
            made = None if coming.dry_run else self._import(coming, entry)
            if made is not None:
                ids[str(entry.key)] = str(made.pk)
                if existing is None:
                    origin_keep(owner=coming.user, type=BASES.widget, object_id=made.pk, key=entry.key)
            coming.created.append(
                {**told, "id": str(made.pk) if made else None, "note": "Workers bring its documents in."}
            )

    def _import(self, coming: Incoming, entry: Entry) -> KnowledgeBase:
        archive = coming.archive
        if archive is None:
            raise ApiError(400, "no_bundle", "A text holds no knowledge base.")
        with tempfile.TemporaryFile(dir=limits.folder()) as file, archive.open(entry.path) as source:
            while piece := source.read(1024 * 1024):
                file.write(piece)
            file.seek(0)
            return knowledge_import(owner=coming.user, source=file, name=entry.name)


@contextmanager
def _opened(knowledge: KnowledgeBase, content: Content) -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile(dir=limits.folder()) as file:
        knowledge_export(
            knowledge=knowledge,
            target=file,
            chunks=content != "originals",
            vectors=content == "chunks_and_vectors",
        )
        file.seek(0)
        yield file


def _size(knowledge: KnowledgeBase, content: Content) -> int:
    total = knowledge.documents.aggregate(
        bytes=Sum("size"), texts=Sum("characters"), chunks=Sum("chunk_count")
    )
    size = total["bytes"] or 0
    if content != "originals":
        size += total["texts"] or 0
    if content == "chunks_and_vectors":
        size += (total["chunks"] or 0) * knowledge.dimensions * VECTOR_BYTES
    return int(size)


def _mark(knowledge: KnowledgeBase, content: Content) -> str:
    """Changes whenever the file would."""
    documents = knowledge.documents.aggregate(at=Max("changed_at"), n=Sum("chunk_count"))
    chunks = Chunk.objects.filter(document__knowledge=knowledge).aggregate(at=Max("changed_at"))
    facts = [str(knowledge.pk), content, knowledge.generation, knowledge.updated_at, documents, chunks]
    return hashlib.sha256(json.dumps(facts, default=str, sort_keys=True).encode()).hexdigest()
