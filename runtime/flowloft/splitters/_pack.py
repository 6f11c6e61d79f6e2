"""Stretches of text to chunks: gathers small ones, cuts large ones, loses nothing. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from flowloft.core.parser import Parsed
from flowloft.core.splitter import Chunk, chunk_of

Measure = Callable[[str], int]
"""Size of a text; never more than its characters."""

SENTENCE = re.compile(
    r"[。！？；…]+[”’」』）】]*"
    r"|(?<!\b[A-Z])(?<!\b(?:Mr|Dr|St|vs|No))(?<!\b(?:Mrs|etc|e\.g|i\.e))[.!?]+[\"')\]”’]*(?=\s)"
    r"|\n\s*\n"
)
_FINER = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    SENTENCE,
    re.compile(r"[,;:，、：]\s*"),
    re.compile(r"\s+"),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch that is not cut without need. ``fresh`` begins a chunk of its own."""

    start: int
    end: int
    fresh: bool = False


def cut_after(text: str, start: int, end: int, at: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Yields the stretches that end after each match; together they are the whole."""
    begin = start
    for found in at.finditer(text, start, end):
        if begin < found.end() < end:
            yield begin, found.end()
            begin = found.end()
    yield begin, end


def fine(
    text: str, start: int, end: int, size: int, measure: Measure, finer: Sequence[re.Pattern[str]] = _FINER
) -> Iterator[tuple[int, int]]:
    """Yields stretches of at most ``size``: cut at the coarsest mark that is fine enough."""
    # A text has no more of any measure than characters, and most need no closer look.
    if end - start <= size or measure(text[start:end].strip()) <= size:
        yield start, end
    elif finer:
        for one, other in cut_after(text, start, end, finer[0]):
            yield from fine(text, one, other, size, measure, finer[1:])
    else:
        for begin in range(start, end, size):
            yield begin, min(begin + size, end)


def pack(
    parsed: Parsed,
    pieces: Iterable[Piece],
    size: int,
    overlap: int = 0,
    *,
    measure: Measure = len,
    least: int = 0,
) -> list[Chunk]:
    """Gathers pieces to chunks of at most ``size``.

    Args:
        pieces: In order, without gaps.
        overlap: How much of the end of a chunk the next one begins with, at most; whole pieces.
        measure: What size is counted in.
        least: A fresh piece begins a chunk only where the one before it has so much.
    """
    text = parsed.text
    spans: list[tuple[int, int]] = []
    held: list[Piece] = []
    for piece in _cut(text, pieces, size, measure):
        if held:
            begin = held[0].start
            fresh = piece.fresh and measure(text[begin : held[-1].end].strip()) >= least
            if fresh or (piece.end - begin > size and measure(text[begin : piece.end].strip()) > size):
                spans.append((begin, held[-1].end))
                held = [] if fresh else _tail(text, held, piece, size, overlap, measure)
        held.append(piece)
    if held:
        spans.append((held[0].start, held[-1].end))
    chunks = (chunk_of(parsed, start, end) for start, end in spans)
    return [chunk for chunk in chunks if chunk is not None]


def _cut(text: str, pieces: Iterable[Piece], size: int, measure: Measure) -> Iterator[Piece]:
    for piece in pieces:
        fresh = piece.fresh
        for start, end in fine(text, piece.start, piece.end, size, measure):
            yield Piece(start, end, fresh)
            fresh = False


def _tail(
    text: str, held: list[Piece], piece: Piece, size: int, overlap: int, measure: Measure
) -> list[Piece]:
    """Returns the pieces at the end of a chunk that the next one shall begin with."""
    kept: list[Piece] = []
    for one in reversed(held[1:]):
        if measure(text[one.start : held[-1].end].strip()) > overlap:
            break
        if measure(text[one.start : piece.end].strip()) > size:
            break
        kept.insert(0, one)
    return kept


def block_pieces(
    parsed: Parsed, inside: re.Pattern[str] | None = SENTENCE, level: int = 6
) -> Iterator[Piece]:
    """Yields the blocks of a document; texts cut at ``inside``; a heading up to ``level`` is fresh."""
    blocks = parsed.blocks
    if not blocks:
        spans = cut_after(parsed.text, 0, len(parsed.text), inside) if inside else [(0, len(parsed.text))]
        yield from (Piece(start, end) for start, end in spans)
        return
    for at, block in enumerate(blocks):
        start = block.place.start if at else 0
        end = blocks[at + 1].place.start if at + 1 < len(blocks) else len(parsed.text)
        fresh = block.kind == "heading" and block.level <= level
        if block.kind == "text" and inside is not None:
            yield from (Piece(one, other) for one, other in cut_after(parsed.text, start, end, inside))
        else:
            yield Piece(start, end, fresh)
