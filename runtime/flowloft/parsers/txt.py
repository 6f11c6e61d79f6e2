"""Plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from flowloft.core.parser import Block, Parsed, Parser, assemble
from flowloft.parsers._text import read_text

_HEADING = re.compile(
    r"^(?:第[零一二三四五六七八九十百千\d]+(?:(?P<part>[编卷部篇])|[章回节])(?=[\s　:：、]|$)"
    r"|chapter\s+[\divxlc]+\b)",
    re.IGNORECASE,
)


class Txt(Parser):
    """Reads plain text in any usual encoding; an empty line ends a paragraph."""

    title = "Text"
    suffixes = (".txt", ".text", ".log", ".rst", ".srt", ".tex")
    media_types = ("text/plain",)

    headings: bool = Field(
        True,
        title="Find headings",
        description="Lines such as “Chapter 3” and “第三章” become headings.",
    )

    def parse(self, path: Path) -> Parsed:
        text, remarks = read_text(path)
        return assemble(self._blocks(text), remarks=remarks)

    def _blocks(self, text: str) -> Iterator[Block]:
        for paragraph in re.split(r"\n\s*\n", text):
            body = paragraph
            first, _, rest = paragraph.strip("\n").partition("\n")
            found = _HEADING.match(first.strip()) if self.headings and len(first) <= 80 else None
            if found:
                yield Block(kind="heading", text=first.strip(), level=1 if found["part"] else 2)
                body = rest
            yield Block(text=body)
