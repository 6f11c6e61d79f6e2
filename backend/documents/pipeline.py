"""Works on one document: fetch, parse, split, embed, index. Each step can be done again."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from django.db import Error, transaction
from django.db.models import Q
from flowloft.core.errors import FlowloftError
from flowloft.core.parser import Parsed

from backend.common.blobs import blob_drop, is_full, no_space
from backend.common.leases import Lease
from backend.documents import fetching, limits, plans, spool, transforming
from backend.documents.ahead import read_ahead
from backend.documents.engine import indexed_chunk, open_index
from backend.documents.models import Chunk, KnowledgeBase, SourceDocument, VersionOriginal
from backend.documents.parsed import parsed_drop, parsed_load, parsed_make
from backend.documents.recut import mark_of, recut
from backend.documents.states import State, Step
from backend.documents.transitions import (
    Lost,
    document_advance,
    document_again,
    document_claim,
    document_end,
    document_say,
    document_told,
)

log = logging.getLogger(__name__)
SHARE = {
    Step.FETCH: 0.02,
    Step.PARSE: 0.05,
    Step.SPLIT: 0.22,
    Step.TRANSFORM: 0.25,
    Step.EMBED: 0.3,
    Step.INDEX: 0.8,
}
"""Where each step begins, 0 to 1 of the whole."""


def work_once() -> bool:
    """Works on the document that has waited longest; returns whether there was one."""
    document = document_claim()
    if document is None:
        return False
    lease = Lease(
        SourceDocument.objects.filter(id=document.id, fence=document.fence),
        field="lease_until",
        seconds=limits.LEASE,
    )
    try:
        if document.state == State.REMOVING:
            _remove(document)
        else:
            _work(Hold(document, lease))
    finally:
        lease.release()
    return True


class Hold:
    """A document in a worker's hands."""

    def __init__(self, document: SourceDocument, lease: Lease) -> None:
        self.document = document
        self._lease = lease
        self._told = time.monotonic()
        self._looked = time.monotonic()

    def check(self) -> None:
        """Raises when the work is for nothing.

        Raises:
            Lost: Somebody cancelled it, or another worker has it.
        """
        if self._lease.lost:
            raise Lost
        if time.monotonic() - self._looked < limits.TOLD_EVERY:
            return
        self._looked = time.monotonic()
        mine = SourceDocument.objects.filter(id=self.document.id, fence=self.document.fence)
        if not mine.filter(state=self.document.state, cancelling=False).exists():
            raise Lost

    def progress(self, share: float, upto: Step | None = None) -> None:
        """Tells how far a step is, ``share`` from 0 to 1 of it."""
        self.check()
        if time.monotonic() - self._told < limits.TOLD_EVERY:
            return
        self._told = time.monotonic()
        begin = SHARE[Step(self.document.step)]
        end = SHARE[upto] if upto else 1.0
        document_told(self.document, progress=round(begin + (end - begin) * share, 3))


def _work(hold: Hold) -> None:
    document = hold.document
    try:
        for step, work, after in _steps(Step(document.step)):
            begun = time.monotonic()
            told = work(hold)
            if told:
                document_say(document, told, seconds=round(time.monotonic() - begun, 3))
            if after is not None:
                hold.check()
                document_advance(document, after, progress=SHARE[after])
            log.debug("Document %s: %s done", document.id, step)
        document_end(document, State.READY)
    except Lost:
        document_end(document, State.CANCELLED) if _cancelled(document) else None
    except FlowloftError as error:
        # A model that is busy, a store that starts anew: these pass.
        if getattr(error, "permanent", True) or is_full():
            _fail(document, error.payload())
        else:
            document_again(document, error)
    except Error:
        raise  # The database is away: the lease runs out, and somebody takes it from here.
    except OSError as error:
        _fail(document, _unwritten(error))
    except Exception:
        incident = uuid.uuid4().hex[:12]
        log.exception("Bug %s in document %s", incident, document.id)
        _fail(document, _bug(incident))


def _fail(document: SourceDocument, reason: dict[str, Any]) -> None:
    """Ends a document with the reason; on a full disk that is the reason, whoever stumbled over it."""
    if is_full() and reason["code"] != "no_space":
        reason = no_space().payload() | {"extra": {"said": reason["message"]}}
    document_end(document, State.FAILED, reason)


def _steps(begin: Step) -> Iterator[tuple[Step, Callable[[Hold], str], Step | None]]:
    works = {
        Step.FETCH: _fetch,
        Step.PARSE: _parse,
        Step.SPLIT: _split,
        Step.TRANSFORM: _transform,
        Step.EMBED: _embed,
        Step.INDEX: _index,
    }
    order = list(works)
    for at in range(order.index(begin), len(order)):
        yield order[at], works[order[at]], order[at + 1] if at + 1 < len(order) else None


def _cancelled(document: SourceDocument) -> bool:
    return SourceDocument.objects.filter(id=document.id, fence=document.fence, cancelling=True).exists()


def _fetch(hold: Hold) -> str:
    document = hold.document
    if not document.source:
        return ""
    digest, size, media_type = fetching.fetch_source(document, hold.check)
    same = SourceDocument.objects.filter(knowledge_id=document.knowledge_id, digest=digest)
    if there := same.exclude(pk=document.pk).exclude(state=State.REMOVING).first():
        raise FlowloftError(
            f"The same content is here already as “{there.name}”.",
            code="duplicate_document",
            hint="Delete one of the two.",
            extra={"document_id": str(there.pk)},
        )
    before = document.digest
    document_told(document, digest=digest, size=size, media_type=media_type or document.media_type)
    if before and before != digest:
        drop_unused(before)
    return f"Fetched {size} bytes."


def _parse(hold: Hold) -> str:
    parsed = read_ahead(hold.document, hold.check) or parsed_make(hold.document, hold.check)
    _told_of(hold, parsed)
    pages = f" on {len(parsed.pages)} pages" if parsed.pages else ""
    for remark in parsed.remarks[:50]:
        document_say(hold.document, remark, level="warning")
    return f"Read {len(parsed.text)} characters{pages}."


def _told_of(hold: Hold, parsed: Parsed) -> None:
    document_told(
        hold.document,
        title=parsed.title[:500],
        language=parsed.language[:10],
        pages=[list(size) for size in parsed.pages],
        remarks=parsed.remarks[:50],
        characters=len(parsed.text),
        progress=SHARE[Step.SPLIT],
    )


def _split(hold: Hold) -> str:
    document = hold.document
    document.knowledge = KnowledgeBase.objects.select_related("owner").get(pk=document.knowledge_id)
    parsed = parsed_load(document)
    if parsed is None:
        parsed = parsed_make(document, hold.check)
        _told_of(hold, parsed)
    cut = plans.split_all(parsed, document.knowledge.groups)
    del parsed
    with transaction.atomic():
        row = SourceDocument.objects.select_for_update().get(pk=document.pk)
        if row.fence != document.fence:
            raise Lost
        made = recut(document, cut, list(Chunk.objects.filter(document=document)))
        there = {chunk.id for chunk in made.chunks}
        gone = [id_ for id_ in dict.fromkeys([*row.gone, *made.gone]) if id_ not in there]
        Chunk.objects.filter(document=document).delete()
        Chunk.objects.bulk_create(made.chunks, batch_size=500)
        count = sum(not chunk.dropped for chunk in made.chunks)
        SourceDocument.objects.filter(pk=document.pk).update(gone=gone, chunk_count=count)
    document.gone, document.chunk_count = gone, count
    if made.moved or made.kept:
        document_say(
            document,
            f"Edits carried over to new chunks: {made.moved}; kept as chunks of their own: {made.kept}.",
        )
    counts = ", ".join(f"{name}: {len(pieces)}" for name, pieces in cut.items())
    return f"Cut into {count} chunks ({counts})."


def _transform(hold: Hold) -> str:
    """Has a model make summaries, questions or keywords of chunks, one chunk at a time."""
    _fresh(hold.document)
    done = 0
    for share in transforming.transform(hold.document, hold.check):
        done += 1
        hold.progress(share, Step.EMBED)
    return f"Had a model write for {done} chunks." if done else ""


def _pending(document: SourceDocument) -> Iterator[list[Chunk]]:
    """Yields, in batches, the chunks that the indexes do not hold as they are."""
    batch: list[Chunk] = []
    if not document.enabled:
        return
    for chunk in list(document.chunks.filter(enabled=True)):
        if chunk.indexed != mark_of(chunk, document) or document.generation < document.knowledge.generation:
            batch.append(chunk)
        if len(batch) == limits.BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _embed(hold: Hold) -> str:
    """Makes the vectors; they wait beside the database, so that the next step needs no model."""
    document = hold.document
    knowledge = _fresh(document)
    index = open_index(knowledge, knowledge.generation, check=hold.check)
    kept = spool.load(document.id, knowledge.embedding)
    done, total = 0, max(1, document.chunks.filter(enabled=True).count())
    for batch in _pending(document):
        hold.check()
        missing = [chunk for chunk in batch if spool.key_of(chunk.text) not in kept]
        if missing:
            vectors = index.embed([chunk.text for chunk in missing])
            spool.add(
                document.id,
                knowledge.embedding,
                {
                    spool.key_of(chunk.text): list(vector)
                    for chunk, vector in zip(missing, vectors, strict=True)
                },
            )
        done += len(batch)
        hold.progress(done / total, Step.INDEX)
    return f"Made vectors of {done} chunks with {knowledge.embedding}." if done else ""


def _index(hold: Hold) -> str:
    document = hold.document
    knowledge = _fresh(document)
    generations = [knowledge.generation, *([knowledge.building] if knowledge.building else [])]
    vectors = spool.load(document.id, knowledge.embedding)
    off = Q(enabled=False) if document.enabled else Q()
    unwanted = list(document.chunks.filter(off).exclude(indexed="").values_list("id", flat=True))
    indexes = [open_index(knowledge, number, check=hold.check) for number in generations]
    for index in indexes:
        if gone := [*document.gone, *unwanted]:
            index.remove_chunks(gone)
    done, total = 0, max(1, document.chunks.filter(enabled=True).count())
    for batch in _pending(document):
        hold.check()
        for number, index in zip(generations, indexes, strict=True):
            same = number == knowledge.generation
            index.add(
                [
                    indexed_chunk(chunk, document, vectors.get(spool.key_of(chunk.text)) if same else None)
                    for chunk in batch
                ]
            )
        for chunk in batch:
            chunk.indexed = mark_of(chunk, document)
        with transaction.atomic():
            Chunk.objects.bulk_update(batch, ["indexed"])
        done += len(batch)
        hold.progress(done / total)
    with transaction.atomic():
        document.chunks.filter(id__in=unwanted).update(indexed="")
    document_told(document, gone=[], generation=max(generations), progress=1)
    spool.drop(document.id)
    return f"Indexed {done} chunks." if done else ""


def _fresh(document: SourceDocument) -> KnowledgeBase:
    document.knowledge = KnowledgeBase.objects.select_related("owner").get(pk=document.knowledge_id)
    return document.knowledge


def _remove(document: SourceDocument) -> None:
    """Takes a document out of the indexes, and away."""
    knowledge = document.knowledge
    generations = [knowledge.generation, *([knowledge.building] if knowledge.building else [])]
    try:
        for number in generations:
            open_index(knowledge, number).remove([str(document.id)])
    except (FlowloftError, OSError) as error:
        log.warning("Document %s stays in the index for now: %s", document.id, error)
        return
    digest = document.digest
    parsed_drop(document)
    spool.drop(document.id)
    with transaction.atomic():
        SourceDocument.objects.filter(pk=document.pk, fence=document.fence).delete()
    if digest:
        drop_unused(digest)


def drop_unused(digest: str) -> None:
    """Removes an original that no document and no version has any more."""
    there = SourceDocument.objects.filter(digest=digest).exists()
    if not there and not VersionOriginal.objects.filter(digest=digest).exists():
        blob_drop(digest)


def _unwritten(error: OSError) -> dict[str, Any]:
    return {
        "code": "cannot_write",
        "message": f"Something could not be read or written: {error.strerror or error}.",
        "hint": "Look whether the disk has room and the vector store runs, then try again.",
        "extra": {},
    }


def _bug(incident: str) -> dict[str, Any]:
    return {
        "code": "internal_error",
        "message": f"Something went wrong in the studio (id {incident}).",
        "hint": "Try again; if it stays, report it with the id.",
        "extra": {"id": incident},
    }
