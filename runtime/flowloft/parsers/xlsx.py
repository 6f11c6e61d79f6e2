"""Spreadsheets."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from pydantic import Field

from flowloft.core.parser import Block, DocumentError, Parsed, Parser, Place, assemble
from flowloft.parsers._text import tables
from flowloft.parsers._zip import check_zip

_BROKEN = (KeyError, ValueError, TypeError, ParseError, zipfile.BadZipFile)


class Xlsx(Parser):
    """Reads a spreadsheet (.xlsx): each sheet as a table, its values as last computed."""

    title = "Excel"
    suffixes = (".xlsx", ".xlsm", ".xltx")
    media_types = ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",)

    rows: int = Field(
        25,
        title="Rows in a block",
        ge=1,
        le=1000,
        description="A long table is cut into blocks; each begins with the head.",
    )
    max_cells: int = Field(
        2_000_000,
        title="Most cells",
        ge=1,
        le=100_000_000,
        description="Of all sheets, empty ones between others too; what comes after is left out.",
        json_schema_extra={"x-advanced": True},
    )

    def parse(self, path: Path) -> Parsed:
        import openpyxl
        from openpyxl.utils.exceptions import InvalidFileException

        check_zip(path)
        remarks: list[str] = []
        try:
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
            blocks = list(self._blocks(book, remarks))
        except (
            InvalidFileException,
            KeyError,
            ValueError,
            TypeError,
            ParseError,
            zipfile.BadZipFile,
        ) as error:
            raise DocumentError(
                f"It is no whole spreadsheet: {error}.", code="unreadable", hint="Save it again in Excel."
            ) from error
        title = book.properties.title if book.properties else ""
        return assemble(blocks, title=title or "", remarks=remarks)

    def _blocks(self, book: Any, remarks: list[str]) -> Iterator[Block]:
        left = _Budget(self.max_cells)
        for number, sheet in enumerate(book.worksheets, 1):
            place = Place(page=number)
            # The size that a sheet claims may be made up; without it rows are as long as they are.
            sheet.reset_dimensions()
            found = list(tables(left.rows(sheet.iter_rows(values_only=True)), self.rows, place))
            if found:
                yield Block(kind="heading", text=str(sheet.title), level=1, place=place)
                yield from found
            if left.cells <= 0:
                remarks.append(f"Only the first {self.max_cells:,} cells were read, up to sheet {number}.")
                return


class _Budget:
    def __init__(self, cells: int) -> None:
        self.cells = cells

    def rows(self, rows: Iterator[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        for row in rows:
            # An empty row costs as well: a sheet may have a million before its last.
            self.cells -= max(1, len(row))
            if self.cells <= 0:
                return
            yield row
