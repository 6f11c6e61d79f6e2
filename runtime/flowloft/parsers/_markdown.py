"""Markdown to blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flowloft.core.parser import Block, BlockKind

_FRONT = re.compile(r"\A---\n(.*?)\n(?:---|\.\.\.)\n", re.DOTALL)
_TITLE = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE)
_KINDS: dict[str, BlockKind] = {
    "fence": "code",
    "code_block": "code",
    "table_open": "table",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
}


def front_matter(text: str) -> tuple[str, str]:
    """Takes the lines between ``---`` off the top; returns the rest and the title they name."""
    found = _FRONT.match(text)
    if not found:
        return text, ""
    title = _TITLE.search(found.group(1))
    return text[found.end() :], title.group(1) if title else ""


def markdown_blocks(text: str, deeper: int = 0) -> Iterator[Block]:
    """Yields the blocks of a Markdown text.

    Args:
        deeper: Added to the level of each heading.
    """
    from markdown_it import MarkdownIt

    lines = text.split("\n")
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for at, token in enumerate(tokens):
        if token.level or token.map is None or token.nesting < 0:
            continue
        first, last = token.map
        source = "\n".join(lines[first:last]).strip("\n")
        if token.type == "heading_open":
            yield Block(kind="heading", text=_plain(tokens[at + 1]), level=int(token.tag[1]) + deeper)
        elif token.type in ("fence", "code_block"):
            yield Block(kind="code", text=token.content.strip("\n"))
        elif token.type != "hr":
            yield Block(kind=_KINDS.get(token.type, "text"), text=source)


def _plain(inline: Any) -> str:
    """Returns a heading without its marks."""
    parts = (child.content for child in inline.children or () if child.type in ("text", "code_inline"))
    return " ".join("".join(parts).split()) or inline.content
