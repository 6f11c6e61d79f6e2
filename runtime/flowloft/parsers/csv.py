"""Tables as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from flowloft.core.parser import DocumentError, Parsed, Parser, assemble
from flowloft.parsers._text import read_text, tables

csv.field_size_limit(10_000_000)


class Csv(Parser):
    """Reads a table of comma, semicolon or tab separated values; the first row is its head."""

    title = "CSV"
    suffixes = (".csv", ".tsv")
    media_types = ("text/csv", "text/tab-separated-values")

    rows: int = Field(
        25,
        title="Rows in a block",
        ge=1,
        le=1000,
        description="A long table is cut into blocks; each begins with the head.",
    )

    def parse(self, path: Path) -> Parsed:
        text, remarks = read_text(path)
        return assemble(tables(_rows(text), self.rows), remarks=remarks)


def _rows(text: str) -> Iterator[list[str]]:
    try:
        dialect: type[csv.Dialect] | str = csv.Sniffer().sniff(text[:20_000], delimiters=",;\t|")
    except csv.Error:
        dialect = "excel"
    try:
        yield from csv.reader(io.StringIO(text), dialect)
    except csv.Error as error:
        raise DocumentError(
            f"It is no table: {error}.", code="unreadable", hint="Save it as CSV again."
        ) from error
