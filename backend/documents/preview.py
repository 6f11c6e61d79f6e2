"""What a document would be cut into. Nothing of it is saved."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO, Any

from flowloft.core.parser import Block, Parsed, assemble, parser_for
from flowloft.rag import parse_limited

from backend.common.blobs import pour, roomy
from backend.documents import limits, plans
from backend.documents.models import KnowledgeBase, SourceDocument
from backend.documents.parsed import parsed_load, parsed_make


def preview(
    *, knowledge: KnowledgeBase, document: SourceDocument | None, text: str = "", **given: Any
) -> dict[str, Any]:
    """Parses and cuts with the settings given, else with those of the base.

    Raises:
        InputError: A setting does not fit.
        DocumentError: It can't be read.
    """
    groups = plans.checked_groups(given.get("groups") or knowledge.groups)
    if document is None:
        parsed = assemble([Block(text=part) for part in text.split("\n\n")])
    else:
        parsed = _parsed(document, given.get("parsing"))
    return _cut(parsed, groups)


def preview_file(
    *, knowledge: KnowledgeBase, name: str, stream: IO[bytes], groups: Any = None
) -> dict[str, Any]:
    """Does the same with a file that is not among the documents; as :func:`preview`.

    Raises:
        ApiError: 413 ``too_large``; 507 ``no_space``.
    """
    checked = plans.checked_groups(groups or knowledge.groups)
    with tempfile.NamedTemporaryFile(dir=limits.folder("exports")) as file:
        with roomy():
            pour(stream, file, limit=limits.FILE_BYTES)
            file.flush()
        key = parser_for(name)
        settings = knowledge.parsing.get(key)
        parsed = parse_limited(Path(file.name), filename=name, parser=key, settings=settings)
    return _cut(parsed, checked)


def _cut(parsed: Parsed, groups: list[dict[str, Any]]) -> dict[str, Any]:
    cut = plans.split_all(parsed, groups)
    return {
        "characters": len(parsed.text),
        "remarks": parsed.remarks,
        "groups": [
            {
                "name": name,
                "count": len(chunks),
                "chunks": [
                    {
                        "text": chunk.text,
                        "start": chunk.start,
                        "end": chunk.end,
                        "heading": list(chunk.heading_path),
                        "places": [place.model_dump(mode="json") for place in chunk.places],
                    }
                    for chunk in chunks[: limits.PREVIEW_CHUNKS]
                ],
            }
            for name, chunks in cut.items()
        ],
    }


def _parsed(document: SourceDocument, parsing: Any) -> Parsed:
    if parsing is None or parsing == document.knowledge.parsing:
        return parsed_load(document) or parsed_make(document)
    document.knowledge.parsing = plans.checked_parsing(parsing)
    return parsed_make(document)
