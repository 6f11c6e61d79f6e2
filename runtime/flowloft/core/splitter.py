"""The contract of a splitter: how a document becomes chunks, one class in one file of
``flowloft/splitters``."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from flowloft.core.parser import Block, Parsed, Place
from flowloft.core.registry import Family


class Chunk(BaseModel):
    """A piece of a document that is found as one.

    Attributes:
        text: What is embedded and searched.
        start: Offset of its first character in ``Parsed.text``.
        end: Offset after its last; ``parsed.text[start:end] == text`` unless a splitter says otherwise.
        places: One a page that it stands on, in order.
        heading_path: Headings above it, outermost first.
        parent: Index of the larger chunk that it is a part of; None where there is none.
        metadata: Further facts, JSON only.
    """

    text: str
    start: int = 0
    end: int = 0
    places: list[Place] = Field(default_factory=list)
    heading_path: tuple[str, ...] = ()
    parent: int | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)


class Splitter(BaseModel):
    """Base of every splitter. Settings are fields, so that a form can be drawn from them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: ClassVar[str] = ""
    """What it is called in the page."""

    def split(self, parsed: Parsed) -> list[Chunk]:
        """Returns the chunks of a document, in reading order.

        Nothing is lost: every character that is no white space is in some chunk. Chunks may
        overlap. A chunk never begins or ends with white space.
        """
        raise NotImplementedError


SPLITTERS: Family[Splitter] = Family("flowloft.splitters", Splitter, "splitter")


def chunk_of(parsed: Parsed, start: int, end: int, **fields: Any) -> Chunk | None:
    """Makes a chunk of a stretch of a document, with its places; None where only white space is.

    Args:
        parsed: The document.
        start: Offset of the first character.
        end: Offset after the last.
        fields: Further fields of the chunk.
    """
    text = parsed.text[start:end]
    start += len(text) - len(text.lstrip())
    text = text.strip()
    if not text:
        return None
    end = start + len(text)
    blocks = _blocks(parsed, start, end)
    path = blocks[0].place.heading_path if blocks else ()
    if blocks and blocks[0].kind == "heading":
        path = (*path, blocks[0].text)
    return Chunk(
        text=text, start=start, end=end, places=_places(blocks, start, end), heading_path=path, **fields
    )


def _start(block: Block) -> int:
    return block.place.start


def _blocks(parsed: Parsed, start: int, end: int) -> list[Block]:
    """Returns the blocks that a stretch has a part of."""
    blocks = parsed.blocks
    found = []
    for at in range(max(0, bisect_right(blocks, start, key=_start) - 1), len(blocks)):
        place = blocks[at].place
        if place.start >= end:
            break
        if place.end > start:
            found.append(blocks[at])
    return found


def _places(blocks: list[Block], start: int, end: int) -> list[Place]:
    """Gathers where the blocks stand: one place a page."""
    if len(blocks) == 1:
        (block,) = blocks
        place = block.place
        if place.start == start and place.end == end:
            return [place]
    by_page: dict[int | None, list[Block]] = {}
    for block in blocks:
        by_page.setdefault(block.place.page, []).append(block)
    return [
        Place(
            page=page,
            boxes=tuple(box for block in there for box in block.place.boxes),
            start=max(start, there[0].place.start),
            end=min(end, there[-1].place.end),
            heading_path=there[0].place.heading_path,
        )
        for page, there in by_page.items()
    ]
