"""What a document would be cut into. Nothing of it is saved."""

from __future__ import annotations

from typing import Any

from flowloft.core.parser import Block, Parsed, assemble

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
