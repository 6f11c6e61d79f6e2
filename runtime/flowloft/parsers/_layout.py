"""Lines on pages to blocks: paragraphs, headings by size, tables by alignment. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from flowloft.core.parser import Block, Box, Place
from flowloft.parsers._text import table

_MARGIN = 0.12
"""Share of a page's height, at its top and bottom, where headers and footers stand."""
_LARGER = 1.15
_APART = 1.0
"""Two texts of a row are two cells when the gap is more than this many letter heights."""


@dataclass(slots=True)
class Piece:
    """A stretch of a line: its box from the top left of the page, and as the file has it."""

    box: Box
    drawn: Box


@dataclass(slots=True)
class Line:
    """A line of text."""

    text: str
    page: int
    pieces: list[Piece]
    size: float
    bold: bool = False
    cells: list[tuple[Box, str]] = field(default_factory=list)
    """Texts of the pieces, where there are several."""

    @property
    def box(self) -> Box:
        """What the whole line covers."""
        return around([piece.box for piece in self.pieces])


def around(boxes: Sequence[Box]) -> Box:
    """Returns the box around boxes."""
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def without_margins(lines: list[Line], pages: Sequence[tuple[float, float]]) -> tuple[list[Line], list[str]]:
    """Leaves out headers and footers: what stands at the edge of most pages, its numbers equal or counting
    on with the pages. Sentences that are alike but for their numbers are text.

    Returns:
        The other lines, and an example of each text that was left out.
    """
    if len(pages) < 4:
        return lines, []
    seen: dict[str, dict[int, list[int]]] = defaultdict(dict)
    examples: dict[str, str] = {}
    for line in lines:
        if _at_edge(line, pages):
            key = _plain(line.text)
            seen[key].setdefault(line.page, [int(one) for one in re.findall(r"\d{1,18}", line.text)])
            examples.setdefault(key, line.text)
    often = {key for key, there in seen.items() if len(there) > len(pages) * 0.6 and _count_pages(there)}
    kept = [line for line in lines if _plain(line.text) not in often or not _at_edge(line, pages)]
    if not kept:
        return lines, []
    return kept, sorted(examples[key][:80] for key in often)


def _count_pages(there: dict[int, list[int]]) -> bool:
    """Says whether each number of a text is the same on nearly all pages, or goes up by one a page."""
    for numbers in zip(*there.values(), strict=False):
        equal = Counter(numbers).most_common(1)[0][1]
        counting = Counter(number - page for number, page in zip(numbers, there, strict=False))
        if max(equal, counting.most_common(1)[0][1]) < 0.8 * len(there):
            return False
    return True


def _at_edge(line: Line, pages: Sequence[tuple[float, float]]) -> bool:
    height = pages[line.page - 1][1]
    _, top, _, bottom = line.box
    return bottom < height * _MARGIN or top > height * (1 - _MARGIN)


def _plain(text: str) -> str:
    return re.sub(r"\d+", "#", text).strip().casefold()


def blocks_of(lines: list[Line], *, tables: bool = True) -> Iterator[Block]:
    """Yields the blocks that lines make up."""
    body = _body_size(lines)
    levels = _levels(lines, body)
    at = 0
    while at < len(lines):
        rows = _table_rows(lines, at) if tables else 0
        if rows:
            yield _table(lines[at : at + rows])
            at += rows
            continue
        end = at + 1
        while end < len(lines) and _goes_on(lines[end - 1], lines[end], levels, body):
            if tables and _table_rows(lines, end):
                break
            end += 1
        yield _block(lines[at:end], levels, body)
        at = end


def _body_size(lines: list[Line]) -> float:
    letters: Counter[float] = Counter()
    for line in lines:
        letters[round(line.size, 1)] += len(line.text)
    return letters.most_common(1)[0][0] if letters else 0.0


def _levels(lines: list[Line], body: float) -> dict[float, int]:
    """Returns the level of each size that headings have, 1 for the largest."""
    sizes = sorted(
        {round(line.size, 1) for line in lines if line.size >= body * _LARGER and len(line.text) < 200},
        reverse=True,
    )
    return {size: min(level, 6) for level, size in enumerate(sizes, 1)}


def _level(line: Line, levels: dict[float, int], body: float) -> int:
    """Returns the level of a heading, 0 for a line that is none."""
    if len(line.text) >= 200 or not any(letter.isalpha() for letter in line.text):
        return 0
    if level := levels.get(round(line.size, 1)):
        return level
    ends = line.text[-1]
    short = len(line.text) < 100 and ends not in ".,;。，；"
    return min(len(levels) + 1, 6) if line.bold and short and line.size >= body * 0.98 else 0


def _goes_on(before: Line, line: Line, levels: dict[float, int], body: float) -> bool:
    """Says whether a line continues the paragraph of the one before."""
    if _level(before, levels, body) != _level(line, levels, body):
        return False
    if abs(before.size - line.size) > 0.1 * max(before.size, line.size):
        return False
    if _is_item(line.text):
        return False
    if before.page != line.page:
        return before.text[-1] not in ".!?。！？:：" and not _level(line, levels, body)
    gap = line.box[1] - before.box[3]
    return -0.5 * line.size <= gap <= 0.75 * line.size


_ITEM = re.compile(r"^(?:[•●▪◦‣\-–*]\s|\(?\d{1,2}[.)、]\s?|[（(][一二三四五六七八九十]+[)）])")


def _is_item(text: str) -> bool:
    return bool(_ITEM.match(text))


def _block(lines: list[Line], levels: dict[float, int], body: float) -> Block:
    level = _level(lines[0], levels, body)
    text = lines[0].text
    for line in lines[1:]:
        text = joined(text, line.text)
    place = Place(page=lines[0].page, boxes=tuple(line.box for line in lines if line.page == lines[0].page))
    if level and len(lines) <= 3:
        return Block(kind="heading", text=text, level=level, place=place)
    return Block(kind="list" if _is_item(text) else "text", text=text, place=place)


def joined(text: str, more: str) -> str:
    """Returns two stretches of a paragraph as one: a word cut by the end of a line is whole, and Chinese
    has no spaces."""
    if not text:
        return more
    if text.endswith("-") and more[:1].islower():
        return text[:-1] + more
    if _is_cjk(text[-1]) and (_is_cjk(more[0]) or not more[0].isalnum()):
        return text + more
    return f"{text} {more}"


def _is_cjk(letter: str) -> bool:
    return "⺀" <= letter <= "鿿" or "　" <= letter <= "〿" or "＀" <= letter <= "￯"


def _columns(line: Line) -> list[tuple[Box, str]]:
    """Returns the texts of a line that stand well apart."""
    columns: list[tuple[Box, str]] = []
    for box, text in sorted(line.cells):
        if not text:
            continue
        if columns and box[0] - columns[-1][0][2] < _APART * max(line.size, 4.0):
            last, before = columns[-1]
            columns[-1] = (around([last, box]), f"{before} {text}")
        else:
            columns.append((box, text))
    return columns


def _table_rows(lines: list[Line], at: int) -> int:
    """Returns how many lines from here on are rows of one table; 0 where none begins here."""
    first = _columns(lines[at])
    if len(first) < 2:
        return 0
    end = at + 1
    while end < len(lines) and lines[end].page == lines[at].page and _fits(first, _columns(lines[end])):
        end += 1
    return end - at if end - at >= 2 else 0


def _fits(first: list[tuple[Box, str]], other: list[tuple[Box, str]]) -> bool:
    """Says whether two rows have the same columns: aligned at left, at right or in the middle."""
    if len(first) != len(other):
        return False
    for (a, _), (b, _) in zip(first, other, strict=True):
        middle = abs((a[0] + a[2]) - (b[0] + b[2])) / 2
        if min(abs(a[0] - b[0]), abs(a[2] - b[2]), middle) > 4.0:
            return False
    return True


def _table(lines: list[Line]) -> Block:
    rows = [[text for _, text in _columns(line)] for line in lines]
    place = Place(page=lines[0].page, boxes=(around([line.box for line in lines]),))
    return Block(kind="table", text=table(rows), place=place)
