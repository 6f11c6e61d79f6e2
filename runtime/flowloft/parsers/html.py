"""Web pages."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from flowloft.core.parser import Parsed, Parser, assemble
from flowloft.parsers._html import html_blocks


class Html(Parser):
    """Reads a web page: headings, paragraphs, lists, tables; no scripts, and nothing is loaded."""

    title = "Web page"
    suffixes = (".html", ".htm", ".xhtml")
    media_types = ("text/html", "application/xhtml+xml")

    keep_around: bool = Field(
        False, title="Keep menus and footers", description="Also side columns; mostly noise in a search."
    )

    def parse(self, path: Path) -> Parsed:
        title, blocks = html_blocks(path.read_bytes(), keep_around=self.keep_around)
        return assemble(blocks, title=title)
