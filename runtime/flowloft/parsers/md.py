"""Markdown."""

from __future__ import annotations

from pathlib import Path

from flowloft.core.parser import Parsed, Parser, assemble
from flowloft.parsers._markdown import front_matter, markdown_blocks
from flowloft.parsers._text import read_text


class Markdown(Parser):
    """Reads Markdown; tables, lists and code stay as they are written."""

    title = "Markdown"
    suffixes = (".md", ".markdown", ".mdx")
    media_types = ("text/markdown", "text/x-markdown")

    def parse(self, path: Path) -> Parsed:
        text, remarks = read_text(path)
        body, title = front_matter(text)
        return assemble(markdown_blocks(body), title=title, remarks=remarks)
