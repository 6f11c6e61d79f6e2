"""New chunks in the place of old ones, with what people changed by hand carried over."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from flowloft.core import splitter

from backend.documents.models import Chunk, SourceDocument

NEARLY_EQUAL = 0.9
"""What was deleted by hand stays deleted only where the new chunk says nearly the same."""
ALIKE = 0.6
"""From this likeness on, 0 to 1, a new chunk counts as the one that was edited."""
COMPARED = 2_000
"""Characters of a chunk that are compared."""


@dataclass
class Recut:
    """What becomes of the chunks of a document.

    Attributes:
        chunks: All that there will be, in order.
        gone: Ids that will exist no more.
        moved: Edits that were carried over to a chunk whose text differs from the one edited.
        kept: Edits whose place is gone; they stay as chunks of their own.
    """

    chunks: list[Chunk] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    moved: int = 0
    kept: int = 0


def chunk_id(document_id: uuid.UUID, group: str, text: str, occurrence: int) -> str:
    """Returns the id of a chunk: the same for the same text at the same place among its likes."""
    told = f"{document_id}\n{group}\n{occurrence}\n{text}"
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:32]


def recut(document: SourceDocument, cut: dict[str, list[splitter.Chunk]], old: list[Chunk]) -> Recut:
    """Works out the chunks of a document that was cut (again). Changes nothing.

    Args:
        cut: By name of the group.
        old: Its present chunks.
    """
    made = Recut()
    fresh: dict[str, list[Chunk]] = {}
    ids: dict[str, list[str]] = {}
    for group, pieces in cut.items():
        fresh[group] = _rows(document, group, pieces)
        ids[group] = [row.id for row in fresh[group]]
    parents = {raw["name"]: raw.get("parent", "") for raw in document.knowledge.groups}
    for group, pieces in cut.items():
        above = ids.get(parents.get(group, ""), [])
        for row, piece in zip(fresh[group], pieces, strict=True):
            if piece.parent is not None and piece.parent < len(above):
                row.parent = above[piece.parent]
    by_id = {row.id: row for rows in fresh.values() for row in rows}
    for group, rows in fresh.items():
        mine = [row for row in old if row.group == group]
        made.chunks += _carried(made, rows, mine, by_id)
    made.chunks += _transformed(document, old, {row.id for row in made.chunks})
    indexed = {row.id: row.indexed for row in old}
    for row in made.chunks:
        row.indexed = indexed.get(row.id, "")
    there = {row.id for row in made.chunks}
    made.gone = [row.id for row in old if row.id not in there]
    _number(made.chunks)
    return made


def _transformed(document: SourceDocument, old: list[Chunk], there: set[str]) -> list[Chunk]:
    """Returns what a model made of chunks that are still there; the rest is made anew by the next step."""
    groups = {raw["name"] for raw in document.knowledge.groups if raw.get("transform")}
    kept = [row for row in old if row.group in groups and (row.parent in there or row.edited or row.added)]
    for row in kept:
        if row.parent not in there:
            row.parent, row.added, row.original, row.edited = "", True, "", False
    return kept


def _rows(document: SourceDocument, group: str, pieces: list[splitter.Chunk]) -> list[Chunk]:
    seen: dict[str, int] = {}
    rows = []
    for piece in pieces:
        text = piece.text.replace("\x00", "")
        occurrence = seen.get(text, 0)
        seen[text] = occurrence + 1
        rows.append(
            Chunk(
                id=chunk_id(document.id, group, text, occurrence),
                document=document,
                group=group,
                order=0,
                text=text,
                original=text,
                start=piece.start,
                end=piece.end,
                places=[place.model_dump(mode="json") for place in piece.places],
                heading=list(piece.heading_path),
                metadata=piece.metadata,
            )
        )
    return rows


def _carried(made: Recut, rows: list[Chunk], old: list[Chunk], by_id: dict[str, Chunk]) -> list[Chunk]:
    """Puts edits, switched-off chunks and added ones among the new rows."""
    taken: set[str] = set()
    result = list(rows)
    for one in old:
        if not (one.edited or one.added or not one.enabled):
            continue
        if one.added:
            _insert(result, one)
            continue
        target = by_id.get(one.id)
        if target is None:
            alike = NEARLY_EQUAL if one.dropped else ALIKE
            target = _likest(one.original, [row for row in rows if row.id not in taken], alike)
            made.moved += target is not None
        if target is None:
            if one.edited:
                made.kept += 1
                one.added, one.original = True, ""
                _insert(result, one)
            continue
        taken.add(target.id)
        target.enabled, target.dropped = one.enabled, one.dropped
        if one.dropped:
            target.metadata = {**target.metadata, **one.metadata}
        if one.edited:
            target.text, target.edited = one.text, True
    return result


def _likest(text: str, rows: list[Chunk], alike: float) -> Chunk | None:
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(text[:COMPARED])
    best, most = None, alike
    for row in rows:
        matcher.set_seq1(row.original[:COMPARED])
        if matcher.real_quick_ratio() < most or matcher.quick_ratio() < most:
            continue
        if (ratio := matcher.ratio()) >= most:
            best, most = row, ratio
    return best


def _insert(rows: list[Chunk], one: Chunk) -> None:
    """Puts a chunk of a person's behind the last one that begins no later in the document."""
    at = sum(row.start <= one.start for row in rows)
    rows.insert(at, one)


def _number(rows: list[Chunk]) -> None:
    count: dict[str, int] = {}
    for row in rows:
        row.order = count.get(row.group, 0)
        count[row.group] = row.order + (not row.dropped)


def mark_of(chunk: Chunk, document: SourceDocument) -> str:
    """Returns a hash of everything that an index holds of a chunk."""
    told: list[Any] = [chunk.text, chunk.group, chunk.order, chunk.parent, chunk.heading]
    told += [document.name, document.title, document.tags, document.language]
    return hashlib.sha256(repr(told).encode("utf-8", "replace")).hexdigest()
