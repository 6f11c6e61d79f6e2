"""PDF."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from flowloft.core.parser import Block, DocumentError, Parsed, Parser, assemble
from flowloft.parsers._layout import Line, Piece, blocks_of, without_margins
from flowloft.parsers._ocr import HINT, has_ocr, ocr_blocks

_OCR_SCALE = 2.0
"""Pixels a point: 144 dpi."""


class Pdf(Parser):
    """Reads a PDF: paragraphs, headings by the size of their letters, tables by their alignment.

    Every block knows its page and where it stands on it.
    """

    title = "PDF"
    suffixes = (".pdf",)
    media_types = ("application/pdf",)

    tables: bool = Field(True, title="Find tables", description="By texts that stand in columns.")
    margins: bool = Field(
        False, title="Keep headers and footers", description="Lines that come again on most pages."
    )
    max_pages: int = Field(
        5000, title="Most pages", ge=1, le=100_000, description="What comes after is left out."
    )

    def parse(self, path: Path) -> Parsed:
        import pypdfium2
        from pypdfium2 import PdfiumError

        try:
            document = pypdfium2.PdfDocument(path)
        except PdfiumError as error:
            raise _refused(error) from error
        with document:
            remarks: list[str] = []
            pages, lines, empty = self._lines(document)
            if len(document) > self.max_pages:
                remarks.append(f"Only the first {self.max_pages} of {len(document)} pages were read.")
            if not self.margins:
                lines, dropped = without_margins(lines, pages)
                remarks.extend(f"Left out, as it stands on most pages: “{text}”." for text in dropped)
            blocks = list(blocks_of(lines, tables=self.tables))
            if empty:
                blocks = _with_pictures(document, blocks, empty, remarks)
            title = str(document.get_metadata_dict().get("Title") or "")
        return assemble(blocks, title=title, pages=pages, remarks=remarks)

    def _lines(self, document: Any) -> tuple[list[tuple[float, float]], list[Line], list[int]]:
        """Returns the size of each page, all lines, and the pages without any."""
        from pypdfium2 import PdfiumError

        sizes, lines, empty = [], [], []
        for number in range(1, min(len(document), self.max_pages) + 1):
            try:
                page = document[number - 1]
                width, height = page.get_size()
                found = _page_lines(page, number)
            except PdfiumError:
                width, height, found = 0.0, 0.0, []
            sizes.append((width, height))
            lines.extend(found)
            if not found:
                empty.append(number)
        return sizes, lines, empty


def _refused(error: Exception) -> DocumentError:
    if "assword" in str(error) or "ecurity" in str(error):
        return DocumentError(
            "It has a password.", code="encrypted", hint="Save it without a password and add that."
        )
    return DocumentError(
        f"It is no whole PDF: {error}", code="unreadable", hint="Open it and print it to a new PDF."
    )


def _page_lines(page: Any, number: int) -> list[Line]:
    """Reads the lines of a page, in the order in which the file draws them."""
    import pypdfium2.raw as raw

    left, _, _, top = page.get_bbox()
    lines: list[Line] = []
    text_page = page.get_textpage()
    whole = text_page.get_text_range()
    at = 0
    for text in whole.split("\r\n"):
        begins, length = at, len(text)
        at += length + 2
        if not text.strip():
            continue
        first = begins + len(text) - len(text.lstrip())
        pieces = []
        for index in range(text_page.count_rects(begins, length)):
            x0, y0, x1, y1 = text_page.get_rect(index)
            pieces.append(Piece((x0 - left, top - y1, x1 - left, top - y0), (x0, y0, x1, y1)))
        if not pieces:
            continue
        line = Line(
            text=_clean(text),
            page=number,
            pieces=pieces,
            size=abs(raw.FPDFText_GetFontSize(text_page, first)) * _stretch(raw, text_page, first),
            bold=raw.FPDFText_GetFontWeight(text_page, first) >= 600,
        )
        if len(pieces) > 1:
            line.cells = [
                (piece.box, _clean(text_page.get_text_bounded(*_wider(piece.drawn)))) for piece in pieces
            ]
        lines.append(line)
    text_page.close()
    page.close()
    return lines


def _stretch(raw: Any, text_page: Any, index: int) -> float:
    """Returns what the page multiplies the size of a letter by."""
    matrix = raw.FS_MATRIX()
    if not raw.FPDFText_GetMatrix(text_page, index, matrix):
        return 1.0
    return float((matrix.c**2 + matrix.d**2) ** 0.5) or 1.0


def _wider(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    return (box[0] - 0.5, box[1] - 0.5, box[2] + 0.5, box[3] + 0.5)


def _clean(text: str) -> str:
    return " ".join(text.replace("￾", "-").replace("\x02", "-").split())


def _with_pictures(document: Any, blocks: list[Block], empty: list[int], remarks: list[str]) -> list[Block]:
    """Reads pages that are pictures, where that can be done."""
    named = ", ".join(str(number) for number in empty[:20]) + (" ..." if len(empty) > 20 else "")
    if not has_ocr():
        if not blocks:
            raise DocumentError(
                "Its pages are pictures, and the program that reads pictures (tesseract) is not installed.",
                code="needs_ocr",
                hint=HINT,
            )
        remarks.append(f"No text was found on page {named}. {HINT}")
        return blocks
    remarks.append(f"Read by OCR: page {named}.")
    for number in empty:
        picture = document[number - 1].render(scale=_OCR_SCALE).to_pil()
        blocks.extend(ocr_blocks(picture, number, 1 / _OCR_SCALE))
    return sorted(blocks, key=lambda block: block.place.page or 0)
