"""Bytes to text, rows to Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from flowloft.core.parser import Block, Place


def decoded(data: bytes) -> tuple[str, list[str]]:
    """Returns bytes as text with ``\\n`` line ends, and remarks on how that went."""
    remarks: list[str] = []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text, encoding = _guessed(data)
        remarks.append(f"The encoding was not given; it was read as {encoding}.")
    return text.replace("\r\n", "\n").replace("\r", "\n"), remarks


def _guessed(data: bytes) -> tuple[str, str]:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace"), "utf-16"
    from charset_normalizer import from_bytes

    found = from_bytes(data[:1_000_000]).best()
    encoding = found.encoding if found else "cp1252"
    if encoding in ("big5", "cp949", "johab", "euc_kr", "shift_jis", "gb2312"):
        # Short texts look alike in these; GB 18030 is by far the most common where it fits.
        try:
            return data.decode("gb18030"), "gb18030"
        except UnicodeDecodeError:
            pass
    return data.decode(encoding, "replace"), encoding


def read_text(path: Path) -> tuple[str, list[str]]:
    """Returns a file as text, and remarks on how that went."""
    return decoded(path.read_bytes())


def cell(value: Any) -> str:
    """Returns a value as it stands in a Markdown table."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value).split()).replace("|", "\\|")


def table(rows: Sequence[Sequence[Any]]) -> str:
    """Returns rows as a Markdown table, the first as its head; empty columns and rows are left out."""
    texts = [[cell(value) for value in row] for row in rows]
    texts = [row for row in texts if any(row)]
    if not texts:
        return ""
    width = max(len(row) for row in texts)
    texts = [row + [""] * (width - len(row)) for row in texts]
    kept = [column for column in range(width) if any(row[column] for row in texts)]
    lines = ["| " + " | ".join(row[column] for column in kept) + " |" for row in texts]
    return "\n".join([lines[0], "|" + " --- |" * len(kept), *lines[1:]])


def tables(rows: Iterable[Sequence[Any]], each: int, place: Place | None = None) -> Iterator[Block]:
    """Yields a long table as blocks of at most ``each`` rows, each with the head of the whole."""
    filled = (row for row in rows if any(cell(value) for value in row))
    head = next(filled, None)
    if head is None:
        return
    block = list(islice(filled, each))
    while True:
        yield Block(kind="table", text=table([head, *block]), place=place or Place())
        block = list(islice(filled, each))
        if not block:
            return
