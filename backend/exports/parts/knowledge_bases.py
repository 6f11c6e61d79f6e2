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
from flowloft.bundle.manifest import file_stem
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.common.errors import ApiError
from backend.common.objects import object_for, objects_of
from backend.documents.models import Chunk, KnowledgeBase
from backend.documents.portable import knowledge_export, knowledge_import
from backend.exports import limits
from backend.exports.origins import origin_ids, origin_keep, origin_keys
from backend.exports.part import Incoming, Options, Outgoing, Part, Piece

WIDGET = "knowledge_base"
VECTOR_BYTES = 4
Content = Literal["none", "originals", "chunks", "chunks_and_vectors"]


class KnowledgeOptions(Options):
    """How much of each goes out."""

    content: Content = "chunks"
    """``none``; ``originals``, which are read anew where they are imported; ``chunks``: with the edits
    made to them; ``chunks_and_vectors``: which need the same embedding model there."""
    ids: list[uuid.UUID] = Field(default_factory=list, max_length=100)
    """Further knowledge bases, besides those that the flows ask."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    key: uuid.UUID
    name: str = Field(min_length=1, max_length=200)
    path: str = Field(min_length=1, max_length=300)


class KnowledgeBases(Part):
    """Each as the file that its own export makes, inside the archive."""

    title = "Knowledge bases"
    order = 30
    options = KnowledgeOptions

    def __init__(self) -> None:
        self._entries: list[tuple[_Entry, KnowledgeBase | None]] = []

    def collect(self, going: Outgoing, options: KnowledgeOptions) -> None:
        there = KnowledgeBase.objects.filter(removed=False)
        found = {one: object_for(going.user, KnowledgeBase, one, there) for one in options.ids}
        for ref in going.references.get(WIDGET, []):
            asked = _mine(going.user, ref)
            if asked is None:
                going.warnings.append("A knowledge base that is asked is not there any more.")
            else:
                found[asked.pk] = asked
        if not found:
            return
        if options.content == "none" or not going.archive:
            names = ", ".join(f"“{one.name}”" for one in found.values())
            going.warnings.append(f"Needed where it runs: the knowledge bases {names}.")
            return
        keys = origin_keys(owner=going.user, type=WIDGET, ids=found)
        entries: list[dict[str, str]] = []
        stems: list[str] = []
        for id_, one in sorted(found.items(), key=lambda item: str(keys[item[0]])):
            stems.append(file_stem(one.name, stems))
            path = f"knowledge/{stems[-1]}.zip"
            entries.append({"key": str(keys[id_]), "name": one.name, "path": path})
            content = partial(_opened, one, options.content)
            going.pieces.append(
                Piece(path, _size(one, options.content), _mark(one, options.content), content)
            )
        going.parts["knowledge_bases"] = entries

    def read(self, coming: Incoming) -> None:
        told = coming.manifest_part("knowledge_bases")
        for number, raw in enumerate(told if isinstance(told, list) else []):
            try:
                entry = _Entry.model_validate(raw)
            except ValidationError as error:
                message = error.errors(include_url=False, include_input=False)[0]["msg"]
                path = f"manifest.json#/parts/knowledge_bases/{number}"
                coming.issues.append({"path": path, "code": "invalid", "message": message})
                continue
            existing = _existing(coming.user, entry.key)
            self._entries.append((entry, existing))
            if existing is not None:
                coming.conflicts.append(
                    {
                        "type": "knowledge_base",
                        "key": str(entry.key),
                        "id": str(existing.pk),
                        "name": existing.name,
                        "path": entry.path,
                    }
                )

    def apply(self, coming: Incoming) -> None:
        ids = coming.ids.setdefault(WIDGET, {})
        for entry, existing in self._entries:
            told = {"type": "knowledge_base", "key": str(entry.key), "path": entry.path, "name": entry.name}
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
                    origin_keep(owner=coming.user, type=WIDGET, object_id=made.pk, key=entry.key)
            coming.created.append(
                {**told, "id": str(made.pk) if made else None, "note": "Workers bring its documents in."}
            )

    def _import(self, coming: Incoming, entry: _Entry) -> KnowledgeBase:
        archive = coming.archive
        if archive is None:
            raise ApiError(400, "no_bundle", "A text holds no knowledge base.")
        with tempfile.TemporaryFile(dir=limits.folder()) as file, archive.open(entry.path) as source:
            while piece := source.read(1024 * 1024):
                file.write(piece)
            file.seek(0)
            return knowledge_import(owner=coming.user, source=file, name=entry.name)


def _mine(user: Any, id: Any) -> KnowledgeBase | None:
    try:
        key = uuid.UUID(str(id))
    except ValueError:
        return None
    return objects_of(user, KnowledgeBase).filter(pk=key, removed=False).first()


def _existing(user: Any, key: uuid.UUID) -> KnowledgeBase | None:
    mine = objects_of(user, KnowledgeBase).filter(removed=False)
    here = mine.filter(pk__in=origin_ids(owner=user, type=WIDGET, key=key))
    return here.order_by("-created_at").first()


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
