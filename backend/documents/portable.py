"""A knowledge base as a file that leaves and comes back: originals, chunks, edits, vectors.

A ZIP of `knowledge.json` (settings and counts), `documents.jsonl`, `chunks.jsonl`, `cases.jsonl`,
`vectors.bin` (records as in `spool.py`) and `originals/<sha256>`. Nothing in it is executed.
"""

from __future__ import annotations

import json
import tempfile
import uuid
import zipfile
from collections.abc import Generator, Iterator
from io import RawIOBase
from itertools import islice
from typing import IO, Any, cast

from django.db import transaction
from django.utils import timezone
from flowloft.core.errors import FlowError, FlowloftError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.common.blobs import PIECE, blob_path, blob_write, pour, roomy
from backend.common.errors import ApiError
from backend.documents import engine, hints, limits, services, spool
from backend.documents.documents import clean_name
from backend.documents.models import Chunk, KnowledgeBase, RetrievalCase, SourceDocument
from backend.documents.recut import chunk_id
from backend.documents.states import State, Step
from backend.documents.transitions import batch_begin

VERSION = 1
LINE_BYTES = 4 * 1024 * 1024
ARCHIVE_BYTES = 4 * 1024**3
AT_ONCE = 1000
"""Lines or vectors that are held at a time."""
_IN_ORDER = ("document__created_at", "document_id", "group", "order")


class Line(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Head(Line):
    """`knowledge.json`"""

    format: str = Field(pattern="^flowloft/knowledge$")
    version: int = Field(ge=1, le=VERSION)
    name: str = Field(min_length=1, max_length=200)
    description: str = Field("", max_length=2000)
    parsing: dict[str, Any] = Field(default_factory=dict)
    groups: list[dict[str, Any]] = Field(default_factory=list)
    search: dict[str, Any] = Field(default_factory=dict)
    embedding: str = Field("", max_length=200)
    fingerprint: str = Field("", max_length=200)


class DocumentLine(Line):
    """A line of `documents.jsonl`"""

    id: uuid.UUID
    name: str = Field(min_length=1, max_length=500)
    source: str = Field("", max_length=2000)
    media_type: str = Field("", max_length=100)
    digest: str = Field(pattern="^[0-9a-f]{64}$")
    tags: list[str] = Field(default_factory=list, max_length=30)
    language: str = Field("", max_length=10)
    title: str = Field("", max_length=500)
    pages: list[list[float]] = Field(default_factory=list)
    remarks: list[str] = Field(default_factory=list)
    characters: int = Field(0, ge=0)
    enabled: bool = True


class ChunkLine(Line):
    """A line of `chunks.jsonl`"""

    id: str = Field(min_length=1, max_length=40)
    document: uuid.UUID
    group: str = Field("default", max_length=100)
    order: int = Field(0, ge=0)
    text: str = Field(min_length=1)
    original: str = ""
    start: int = Field(0, ge=0)
    end: int = Field(0, ge=0)
    places: list[dict[str, Any]] = Field(default_factory=list)
    heading: list[str] = Field(default_factory=list)
    parent: str = Field("", max_length=40)
    metadata: dict[str, Any] = Field(default_factory=dict)
    edited: bool = False
    added: bool = False
    enabled: bool = True
    dropped: bool = False


class CaseLine(Line):
    """A line of `cases.jsonl`"""

    query: str = Field(min_length=1, max_length=2000)
    expected: list[dict[str, str]] = Field(default_factory=list)


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=str, separators=(",", ":")).encode() + b"\n"


def knowledge_export(
    *,
    knowledge: KnowledgeBase,
    target: IO[bytes],
    chunks: bool = True,
    vectors: bool = True,
    originals: bool = True,
) -> None:
    """Writes a knowledge base to a file; documents that were never read go as originals. The same content
    gives the same bytes.

    Args:
        target: Open for writing, can be a part of a larger file.
        chunks: Whether the chunks go along, with what people changed in them; else the originals are read
            anew where they come in.
        vectors: Whether the vectors go along.
        originals: Whether the originals do; without them it is a version of this very base.
    """
    for _ in _written(knowledge, target, chunks=chunks, vectors=vectors, originals=originals):
        pass


def knowledge_export_pieces(
    *, knowledge: KnowledgeBase, vectors: bool = True
) -> Generator[bytes, None, None]:
    """Yields the file of a knowledge base while it is made; little of it is held at a time.

    Raises:
        BackendError: At once, not in the middle: the store of the vectors can't be reached.
    """
    if vectors:
        index = engine.open_index(knowledge, knowledge.generation)
        index.vectors.count(index.collection)
    return _pieces(knowledge, vectors)


def _pieces(knowledge: KnowledgeBase, vectors: bool) -> Generator[bytes, None, None]:
    sink = _Sink()
    target = cast(IO[bytes], sink)
    for _ in _written(knowledge, target, chunks=True, vectors=vectors, originals=True):
        if len(sink.held) >= PIECE:
            yield sink.taken()
    yield sink.taken()


class _Sink(RawIOBase):
    """Takes what is written, for others to take."""

    def __init__(self) -> None:
        self.held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.held += data
        return len(data)

    def taken(self) -> bytes:
        taken = bytes(self.held)
        self.held.clear()
        return taken


def _written(
    knowledge: KnowledgeBase, target: IO[bytes], *, chunks: bool, vectors: bool, originals: bool
) -> Iterator[None]:
    """Writes a base, and yields now and then."""
    documents = list(
        knowledge.documents.exclude(state=State.REMOVING).exclude(digest="").order_by("created_at")
    )
    head = {
        "format": "flowloft/knowledge",
        "version": VERSION,
        "name": knowledge.name,
        "description": knowledge.description,
        "parsing": knowledge.parsing,
        "groups": knowledge.groups,
        "search": knowledge.search,
        "embedding": knowledge.embedding,
        "fingerprint": engine.fingerprint_of(knowledge) if vectors else "",
        "documents": len(documents),
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        archive.writestr(_entry("knowledge.json"), json.dumps(head, ensure_ascii=False, indent=1))
        yield from _write(archive, "documents.jsonl", (_told(one, DocumentLine) for one in documents))
        ids = [one.pk for one in documents]
        rows = Chunk.objects.filter(document_id__in=ids if chunks else []).order_by(*_IN_ORDER)
        yield from _write(
            archive,
            "chunks.jsonl",
            ({**_told(one, ChunkLine), "document": str(one.document_id)} for one in rows.iterator(500)),
        )
        yield from _write(archive, "cases.jsonl", (_told(one, CaseLine) for one in knowledge.cases.all()))
        if chunks and vectors:
            yield from _write_vectors(archive, knowledge, ids)
        for digest in sorted({one.digest for one in documents if originals}):
            if blob_path(digest).exists():
                with blob_path(digest).open("rb") as blob, _opened(archive, f"originals/{digest}") as out:
                    while piece := blob.read(PIECE):
                        out.write(piece)
                        yield


def _entry(name: str) -> zipfile.ZipInfo:
    """Returns an entry with a fixed time: when it was written is no part of the content."""
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _opened(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    return archive.open(_entry(name), "w", force_zip64=True)


def _told(row: Any, shape: type[Line]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in shape.model_fields if name != "document"}


def _write(archive: zipfile.ZipFile, name: str, lines: Iterator[dict[str, Any]]) -> Iterator[None]:
    with _opened(archive, name) as out:
        while batch := list(islice(lines, AT_ONCE)):
            out.writelines(map(_line, batch))
            yield


def _write_vectors(
    archive: zipfile.ZipFile, knowledge: KnowledgeBase, ids: list[uuid.UUID]
) -> Iterator[None]:
    index = engine.open_index(knowledge, knowledge.generation)
    chunks = Chunk.objects.filter(document_id__in=ids).exclude(indexed="").order_by(*_IN_ORDER)
    rows = chunks.values_list("id", "text").iterator(AT_ONCE)
    with _opened(archive, "vectors.bin") as out:
        # To ask the store for those of each document by itself would take most of the time of an export.
        while texts := dict(islice(rows, AT_ONCE)):
            found = index.vectors.vectors(index.collection, list(texts))
            out.writelines(
                spool.pack(spool.key_of(text), found[id_]) for id_, text in texts.items() if id_ in found
            )
            yield


def knowledge_import_stream(*, owner: Any, stream: IO[bytes], name: str = "") -> KnowledgeBase:
    """Makes a knowledge base of what a stream gives; as :func:`knowledge_import`."""
    with tempfile.TemporaryFile(dir=limits.folder("exports")) as file:
        with roomy():
            pour(stream, file, limit=ARCHIVE_BYTES)
        file.seek(0)
        return knowledge_import(owner=owner, source=file, name=name)


def knowledge_import(*, owner: Any, source: IO[bytes], name: str = "") -> KnowledgeBase:
    """Makes a knowledge base of a file. Vectors of a model that is the same here are used again; else
    they are made anew by workers.

    Args:
        source: Open for reading, at its beginning.
        name: In place of the one in the file.

    Raises:
        FlowError: ``broken_archive``, with what is wrong.
        ApiError: 413 ``too_large``; 507 ``no_space``.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            return _import(owner, archive, name)
    except (zipfile.BadZipFile, KeyError, EOFError, UnicodeDecodeError, zipfile.LargeZipFile) as error:
        raise _broken(str(error)) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise _broken(f"{'/'.join(map(str, first['loc']))}: {first['msg']}") from None
    except ValueError as error:
        raise _broken(str(error)) from None


def _broken(why: str) -> FlowError:
    return FlowError(
        f"This is no whole knowledge base: {why[:300]}.",
        code="broken_archive",
        hint="Export it once more and import that file.",
    )


def _import(owner: Any, archive: zipfile.ZipFile, name: str) -> KnowledgeBase:
    if sum(info.file_size for info in archive.infolist()) > 4 * ARCHIVE_BYTES:
        raise ApiError(413, "too_large", "The file unpacks to too much.", "Export fewer documents.")
    with archive.open("knowledge.json") as file:
        head = Head.model_validate_json(file.read(LINE_BYTES))
    lines = [DocumentLine.model_validate(one) for one in read_lines(archive, "documents.jsonl")]
    digests = _originals(archive, {line.digest for line in lines})
    embedding = _usable_embedding(owner, head.embedding)
    knowledge = services.knowledge_create(
        owner=owner,
        name=_free_name(owner, name or head.name),
        description=head.description,
        parsing=head.parsing,
        groups=head.groups or None,
        search=head.search,
        embedding=embedding,
    )
    same = bool(head.fingerprint) and engine.fingerprint_of(knowledge) == head.fingerprint
    try:
        _fill(knowledge, archive, [line for line in lines if line.digest in digests], same)
    except BaseException:
        services.knowledge_delete(knowledge=knowledge)
        raise
    hints.work_waits(knowledge.pk)
    return knowledge


def _usable_embedding(owner: Any, ref: str) -> str:
    try:
        return services.checked_embedding(owner.pk, ref) if ref else ""
    except FlowloftError:
        return ""


def _free_name(owner: Any, name: str) -> str:
    taken = set(KnowledgeBase.objects.filter(owner=owner, removed=False).values_list("name", flat=True))
    number, found = 2, name
    while found in taken:
        found = f"{name[:190]} ({number})"
        number += 1
    return found


def read_lines(archive: zipfile.ZipFile, name: str) -> Iterator[Any]:
    """Yields what the lines of a part of an archive say."""
    with archive.open(name) as file:
        while line := file.readline(LINE_BYTES):
            yield json.loads(line)


def _originals(archive: zipfile.ZipFile, wanted: set[str]) -> set[str]:
    there = set(archive.namelist())
    kept = set()
    for digest in wanted:
        if f"originals/{digest}" not in there:
            continue
        with archive.open(f"originals/{digest}") as file:
            found, _ = blob_write(file, limit=limits.FILE_BYTES)
        if found != digest:
            raise _broken(f"an original is not what its name says ({digest[:12]})")
        kept.add(digest)
    return kept


def _fill(knowledge: KnowledgeBase, archive: zipfile.ZipFile, lines: list[DocumentLine], same: bool) -> None:
    now = timezone.now()
    rows: dict[uuid.UUID, SourceDocument] = {}
    for line in {one.digest: one for one in lines}.values():
        facts = line.model_dump(exclude={"id", "name"})
        facts["tags"] = [tag[:60] for tag in line.tags]
        size = blob_path(line.digest).stat().st_size
        row = SourceDocument(knowledge=knowledge, queued_at=now, changed_at=now, size=size, **facts)
        row.name, row.step = clean_name(line.name), Step.PARSE
        rows[line.id] = row
    chunks, ids = _chunks(archive, rows)
    for chunk in chunks:
        chunk.parent = ids.get(chunk.parent, "")
        chunk.document.chunk_count += not chunk.dropped
        chunk.document.step = Step.EMBED
    if same and "vectors.bin" in archive.namelist():
        _vectors(archive, knowledge, chunks)
    cases = (
        [CaseLine.model_validate(one) for one in read_lines(archive, "cases.jsonl")]
        if "cases.jsonl" in archive.namelist()
        else []
    )
    with transaction.atomic():
        batch_begin(knowledge.pk, now)
        SourceDocument.objects.bulk_create(rows.values(), batch_size=500)
        Chunk.objects.bulk_create(chunks, batch_size=500)
        RetrievalCase.objects.bulk_create(
            [
                RetrievalCase(knowledge=knowledge, query=one.query, expected=_moved(one, rows, ids))
                for one in cases
            ]
        )
        transaction.on_commit(lambda: hints.work_waits(knowledge.pk))


def _chunks(
    archive: zipfile.ZipFile, rows: dict[uuid.UUID, SourceDocument]
) -> tuple[list[Chunk], dict[str, str]]:
    """Reads the chunks; ids are made anew, as they follow from the document they are in."""
    found: list[Chunk] = []
    ids: dict[str, str] = {}
    seen: dict[tuple[uuid.UUID, str, str], int] = {}
    for raw in read_lines(archive, "chunks.jsonl"):
        line = ChunkLine.model_validate(raw)
        row = rows.get(line.document)
        if row is None:
            continue
        if line.added:
            ids[line.id] = uuid.uuid4().hex
        else:
            key = (row.pk, line.group, line.original)
            seen[key] = seen.get(key, -1) + 1
            ids[line.id] = chunk_id(row.pk, line.group, line.original, seen[key])
        facts = line.model_dump(exclude={"id", "document"})
        found.append(Chunk(id=ids[line.id], document=row, **facts))
    return found, ids


def _vectors(archive: zipfile.ZipFile, knowledge: KnowledgeBase, chunks: list[Chunk]) -> None:
    """Puts the vectors where the embedding step looks for them first."""
    with archive.open("vectors.bin") as file:
        known = spool.unpack(file.read())
    by_document: dict[uuid.UUID, dict[str, list[float]]] = {}
    for chunk in chunks:
        key = spool.key_of(chunk.text)
        if key in known:
            by_document.setdefault(chunk.document_id, {})[key] = known[key]
    for document_id, vectors in by_document.items():
        spool.add(document_id, knowledge.embedding, vectors)


def _moved(
    case: CaseLine, rows: dict[uuid.UUID, SourceDocument], ids: dict[str, str]
) -> list[dict[str, str]]:
    documents = {str(old): str(row.pk) for old, row in rows.items()}
    return [
        {
            "chunk_id": ids.get(one.get("chunk_id", ""), ""),
            "document_id": documents.get(one.get("document_id", ""), ""),
            "quote": one.get("quote", ""),
        }
        for one in case.expected
    ]
