"""HTML to blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flowloft.core.parser import Block, BlockKind
from flowloft.parsers._text import table

_LEFT_OUT = ("script", "style", "template", "noscript", "svg", "head", "iframe", "object", "button", "select")
_AROUND = ("nav", "footer", "aside")
_ENDS = frozenset(
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer "  # noqa: SIM905
    "form header hr html li main nav ol p section summary td th tr ul br".split()
)
_WHOLE = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "pre", "table", "ul", "ol"))
_DEEPEST = 200


def html_blocks(html: str | bytes, *, keep_around: bool = False, deeper: int = 0) -> tuple[str, list[Block]]:
    """Returns the title and the blocks of a page.

    Args:
        keep_around: Whether menus, footers and side columns are kept.
        deeper: Added to the level of each heading.
    """
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(html, "lxml")
    title = " ".join(soup.title.get_text().split()) if soup.title else ""
    for tag in soup.find_all([*_LEFT_OUT, *(() if keep_around else _AROUND)]):
        if not tag.decomposed:
            tag.decompose()
    return title, list(_Walk(deeper).blocks(soup))


class _Walk:
    def __init__(self, deeper: int) -> None:
        self._deeper = deeper
        self._text: list[str] = []

    def blocks(self, root: Any) -> Iterator[Block]:
        yield from self._below(root, 0)
        yield from self._flushed()

    def _below(self, node: Any, depth: int) -> Iterator[Block]:
        from bs4.element import PreformattedString, Tag

        for child in node.children:
            if not isinstance(child, Tag):
                if not isinstance(child, PreformattedString):
                    self._text.append(str(child))
            elif child.name in _WHOLE:
                yield from self._flushed()
                yield from self._whole(child)
            elif depth > _DEEPEST:
                self._text.append(child.get_text(" "))
            else:
                ends = child.name in _ENDS
                if ends:
                    yield from self._flushed()
                yield from self._below(child, depth + 1)
                if ends:
                    yield from self._flushed()

    def _whole(self, tag: Any) -> Iterator[Block]:
        if tag.name in ("ul", "ol"):
            yield Block(kind="list", text="\n".join(_items(tag, 0)))
        elif tag.name == "table":
            yield Block(kind="table", text=table(_rows(tag)))
        elif tag.name == "pre":
            yield Block(kind="code", text=tag.get_text().strip("\n"))
        else:
            level = int(tag.name[1]) + self._deeper
            yield Block(kind="heading", text=_line(tag.get_text(" ")), level=level)

    def _flushed(self) -> Iterator[Block]:
        text = _line("".join(self._text))
        self._text = []
        kind: BlockKind = "text"
        if text:
            yield Block(kind=kind, text=text)


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _items(tag: Any, depth: int) -> Iterator[str]:
    for number, item in enumerate(tag.find_all("li", recursive=False), 1):
        below = item.find_all(["ul", "ol"], recursive=False) if depth < 8 else []
        for one in below:
            one.extract()
        mark = f"{number}." if tag.name == "ol" else "-"
        yield f"{'  ' * depth}{mark} {_line(item.get_text(' '))}"
        for one in below:
            yield from _items(one, depth + 1)


def _rows(tag: Any) -> list[list[str]]:
    return [
        [_line(one.get_text(" ")) for one in row.find_all(["td", "th"], recursive=False)]
        for row in tag.find_all("tr")
    ]
