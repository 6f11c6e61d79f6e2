"""What a chat model makes of chunks, so that more questions lead to them: summaries, questions, keywords."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.db import transaction
from flowloft.core.models import DEFAULT_CHAT
from flowloft.core.provider import open_model
from flowloft.rag import keywords, questions, summary
from flowloft.rag.transform import Ask

from backend.documents import limits
from backend.documents.engine import EMBED_SECONDS, asking
from backend.documents.models import Chunk, SourceDocument
from backend.documents.plans import Group
from backend.documents.recut import chunk_id
from backend.documents.spool import key_of
from backend.documents.transitions import Lost

MADE: dict[str, Callable[[Ask], Callable[[str], str | list[str]]]] = {
    "summary": summary,
    "questions": questions,
    "keywords": keywords,
}
OF = "of"
"""Key in the metadata of a made chunk: hash of the text that it was made of."""


def transform(document: SourceDocument, check: Callable[[], None]) -> Iterator[float]:
    """Makes what is missing, and yields after each chunk how far it is, 0 to 1. What was made before, of
    the same text, stays: a worker that dies loses one answer of the model.

    Raises:
        ProviderError: The model did not answer.
        Lost: The document is another worker's by now.
    """
    groups = [Group.model_validate(raw) for raw in document.knowledge.groups if raw.get("transform")]
    missing = [pair for group in groups for pair in _missing(document, group)]
    for done, (group, above) in enumerate(missing, 1):
        check()
        _keep(document, group, above, _texts(document, group, above, check))
        yield done / len(missing)


def _missing(document: SourceDocument, group: Group) -> list[tuple[Group, Chunk]]:
    """Removes what stands for nothing any more; returns the chunks that nothing was made of yet."""
    above = {row.pk: row for row in document.chunks.filter(group=group.parent, enabled=True)}
    mine = list(document.chunks.filter(group=group.name))
    stale = {row.pk for row in mine if _is_stale(row, above.get(row.parent))}
    if stale:
        _change(document, gone=sorted(stale))
    made = {row.parent for row in mine if row.pk not in stale}
    return [(group, row) for row in above.values() if row.pk not in made]


def _is_stale(made: Chunk, above: Chunk | None) -> bool:
    if made.added:
        return False
    return above is None or (not made.edited and made.metadata.get(OF) != key_of(above.text))


def _texts(document: SourceDocument, group: Group, above: Chunk, check: Callable[[], None]) -> list[str]:
    model = open_model(asking(document.knowledge, EMBED_SECONDS, check), group.model or DEFAULT_CHAT)

    def ask(prompt: str) -> str:
        said = model.stream([{"role": "user", "content": prompt}], max_tokens=400)
        return "".join(piece.text for piece in said).strip()

    given = MADE[group.transform](ask)(above.text)
    texts = [given] if isinstance(given, str) else given
    return [text.strip()[: limits.CHUNK_CHARACTERS] for text in texts if text.strip()][: limits.MADE_OF_ONE]


def _keep(document: SourceDocument, group: Group, above: Chunk, texts: list[str]) -> None:
    of = key_of(above.text)
    rows = [
        Chunk(
            id=chunk_id(document.pk, group.name, f"{above.pk} {of}", number),
            document=document,
            group=group.name,
            order=above.order * limits.MADE_OF_ONE + number,
            text=text,
            original=text,
            start=above.start,
            end=above.end,
            places=above.places,
            heading=above.heading,
            parent=above.pk,
            metadata={OF: of},
        )
        for number, text in enumerate(texts)
    ]
    _change(document, made=rows)


def _change(
    document: SourceDocument, *, made: list[Chunk] | None = None, gone: list[str] | None = None
) -> None:
    with transaction.atomic():
        row = SourceDocument.objects.select_for_update().get(pk=document.pk)
        if row.fence != document.fence:
            raise Lost
        if gone:
            row.gone = [*row.gone, *(one for one in gone if one not in row.gone)]
            Chunk.objects.filter(document=document, pk__in=gone).delete()
        if made:
            Chunk.objects.bulk_create(made, ignore_conflicts=True)
            row.gone = [one for one in row.gone if one not in {chunk.pk for chunk in made}]
        row.chunk_count = document.chunks.filter(dropped=False).count()
        row.save(update_fields=["gone", "chunk_count"])
    document.gone, document.chunk_count = row.gone, row.chunk_count
