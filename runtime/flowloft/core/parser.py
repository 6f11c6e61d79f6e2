"""The contract of a parser: a file's text with its places, one class in one file of ``flowloft/parsers``.

A parser is settings (fields) and :meth:`Parser.parse`. It never decides how much a file may use up:
``flowloft.rag.parse_limited`` runs it in a process with limits.
"""

from __future__ import annotations

import functools
import mimetypes
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from flowloft.core.errors import FlowloftError
from flowloft.core.registry import Family

BlockKind = Literal["text", "heading", "table", "list", "code", "image"]

Box = tuple[float, float, float, float]
"""``(left, top, right, bottom)`` in points (1/72 inch), counted from the top left of the page."""

_APART = "\n\n"


class DocumentError(FlowloftError):
    """A document can't be used as it is (HTTP 422); the code is the reason.

    ``encrypted``, ``too_large``, ``zip_bomb``, ``timeout``, ``out_of_memory``, ``unreadable``,
    ``unsupported_format``, ``empty``, ``needs_ocr``.
    """

    code = "unreadable"


class Place(BaseModel):
    """Where a piece of text stands in its document.

    Attributes:
        page: Counted from 1; a slide or sheet counts as a page; None where there are none.
        boxes: Where it is drawn on that page; empty where nobody knows.
        start: Offset of its first character in ``Parsed.text``.
        end: Offset after its last character.
        heading_path: Headings above it, outermost first.
    """

    model_config = ConfigDict(frozen=True)

    page: int | None = None
    boxes: tuple[Box, ...] = ()
    start: int = 0
    end: int = 0
    heading_path: tuple[str, ...] = ()


class Block(BaseModel):
    """A piece of a document that belongs together.

    Attributes:
        text: As plain text; a table as Markdown, a list with ``- `` before each item.
        level: Of a heading, 1 for the outermost; else 0.
    """

    model_config = ConfigDict(frozen=True)

    kind: BlockKind = "text"
    text: str
    place: Place = Place()
    level: int = 0


class Parsed(BaseModel):
    """A document as text.

    Attributes:
        title: As the document says it; empty where it says none.
        text: All blocks in reading order, an empty line between two.
        blocks: In reading order; ``text[block.place.start:block.place.end] == block.text``.
        pages: Size of each page in points, ``(width, height)``; empty where there are none.
        language: ``zh``, ``en``, ...; empty where nobody can tell.
        remarks: What a reader should know: what was left out and why.
        metadata: Further facts, JSON only.
    """

    title: str = ""
    text: str = ""
    blocks: list[Block] = Field(default_factory=list)
    pages: list[tuple[float, float]] = Field(default_factory=list)
    language: str = ""
    remarks: list[str] = Field(default_factory=list)
    metadata: dict[str, Any] = Field(default_factory=dict)


class Parser(BaseModel):
    """Base of every parser. Settings are fields, so that a form can be drawn from them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: ClassVar[str] = ""
    suffixes: ClassVar[tuple[str, ...]] = ()
    """With the dot, in small letters."""
    media_types: ClassVar[tuple[str, ...]] = ()

    def parse(self, path: Path) -> Parsed:
        """Reads a file.

        Raises:
            DocumentError: With the reason as code.
        """
        raise NotImplementedError


PARSERS: Family[Parser] = Family("flowloft.parsers", Parser, "parser")


def parser_for(filename: str, media_type: str = "") -> str:
    """Returns the key of the parser for a file, by its suffix or else its media type.

    Raises:
        DocumentError: ``unsupported_format``; the hint lists what can be read.
    """
    suffix = os.path.splitext(filename)[1].lower()
    if suffix in _by_suffix():
        return _by_suffix()[suffix]
    members = PARSERS.all()
    media_type = (media_type or mimetypes.guess_type(filename)[0] or "").partition(";")[0].strip().lower()
    for key, member in members.items():
        if media_type and media_type in member.media_types:
            return key
    if media_type.startswith("text/"):
        return "txt"
    raise DocumentError(
        f"Files like “{filename}” can't be read.",
        code="unsupported_format",
        hint=f"These can: {', '.join(sorted(readable_suffixes()))}.",
    )


@functools.cache
def _by_suffix() -> dict[str, str]:
    return {suffix: key for key, one in reversed(PARSERS.all().items()) for suffix in one.suffixes}


def readable_suffixes() -> list[str]:
    """Returns every suffix that some parser reads, sorted."""
    return sorted({suffix for member in PARSERS.all().values() for suffix in member.suffixes})


def assemble(
    blocks: Iterable[Block],
    *,
    title: str = "",
    pages: Iterable[tuple[float, float]] = (),
    remarks: Iterable[str] = (),
    metadata: dict[str, Any] | None = None,
) -> Parsed:
    """Puts blocks together to a document: sets offsets and heading paths, finds title and language.

    Args:
        blocks: In reading order; offsets and heading path of their places are not looked at.
        title: Where empty, the first heading of the outermost level is taken.

    Raises:
        DocumentError: ``empty``: there is no text in any of them.
    """
    placed: list[Block] = []
    above: list[tuple[int, str]] = []
    texts: list[str] = []
    at = 0
    for block in blocks:
        text = block.text.strip("\n").replace("\x00", "")
        if not text.strip():
            continue
        if block.kind == "heading":
            above = [one for one in above if one[0] < block.level]
        # To make them anew takes half the time of a copy, and there are very many.
        place = Place(
            page=block.place.page,
            boxes=block.place.boxes,
            start=at,
            end=at + len(text),
            heading_path=tuple(name for _, name in above),
        )
        placed.append(Block(kind=block.kind, text=text, place=place, level=block.level))
        if block.kind == "heading":
            above.append((block.level, text))
        texts.append(text)
        at += len(text) + len(_APART)
    if not placed:
        raise DocumentError("There is no text in it.", code="empty", hint="Is it the right file?")
    whole = _APART.join(texts)
    return Parsed(
        title=title.strip() or _first_heading(placed),
        text=whole,
        blocks=placed,
        pages=list(pages),
        language=language_of(whole),
        remarks=list(remarks),
        metadata=metadata or {},
    )


def _first_heading(blocks: list[Block]) -> str:
    headings = [block for block in blocks if block.kind == "heading"]
    return min(headings, key=lambda block: block.level).text[:200] if headings else ""


_LETTERS = {
    "zh": (re.compile("[一-鿿]+"), 1),
    "ja": (re.compile("[぀-ヿ]+"), 3),
    "ko": (re.compile("[가-힣]+"), 1),
    "ru": (re.compile("[Ѐ-ӿ]+"), 1 / 3),
    "en": (re.compile("[A-Za-z]+"), 1 / 5),
}
"""Letters of each language, and how much one of them says: a Chinese one is a word."""
_FIVE_LETTERS = re.compile(r"(?:[A-Za-z][^A-Za-z]*){5}")


def language_of(text: str) -> str:
    """Tells ``zh``, ``ja``, ``ko``, ``ru`` and ``en`` apart by their letters; else empty."""
    sample = text[:5_000]
    if sample.isascii():
        return "en" if _FIVE_LETTERS.search(sample) else ""
    counts = {
        name: int(weight * sum(map(len, letters.findall(sample))))
        for name, (letters, weight) in _LETTERS.items()
    }
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else ""
