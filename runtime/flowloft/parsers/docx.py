"""Word documents."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flowloft.core.parser import Block, DocumentError, Parsed, Parser, assemble
from flowloft.parsers._text import table
from flowloft.parsers._zip import check_zip

_HEADING = re.compile(r"^(?:heading|标题)\s*(\d)$", re.IGNORECASE)


class Docx(Parser):
    """Reads a Word document (.docx): headings, paragraphs, lists and tables, in their order."""

    title = "Word"
    suffixes = (".docx", ".docm", ".dotx")
    media_types = ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",)

    def parse(self, path: Path) -> Parsed:
        import docx
        from docx.opc.exceptions import OpcError
        from lxml.etree import LxmlError

        check_zip(path)
        try:
            document = docx.Document(str(path))
            blocks = list(_blocks(document))
            title = document.core_properties.title or ""
        except (OpcError, LxmlError, KeyError, ValueError, zipfile.BadZipFile, AttributeError) as error:
            raise DocumentError(
                f"It is no whole Word document: {error}.", code="unreadable", hint="Save it again in Word."
            ) from error
        pictures = len(document.inline_shapes)
        remarks = [f"{pictures} pictures were left out."] if pictures else []
        return assemble(blocks, title=title, remarks=remarks)


def _blocks(document: Any) -> Iterator[Block]:
    from docx.table import Table

    listed: list[str] = []
    for part in document.iter_inner_content():
        kind, level, text = ("table", 0, "") if isinstance(part, Table) else _read(part)
        if kind == "list":
            listed.append(text)
            continue
        if listed:
            yield Block(kind="list", text="\n".join(listed))
            listed = []
        if kind == "table":
            yield Block(kind="table", text=table(_rows(part)))
        elif kind == "heading":
            yield Block(kind="heading", text=text, level=level)
        else:
            yield Block(text=text)
    if listed:
        yield Block(kind="list", text="\n".join(listed))


def _read(paragraph: Any) -> tuple[str, int, str]:
    text = paragraph.text.strip()
    style = (paragraph.style.name if paragraph.style is not None else "") or ""
    found = _HEADING.match(style)
    if found and text:
        return "heading", int(found.group(1)), text
    if style == "Title" and text:
        return "heading", 1, text
    properties = paragraph._p.pPr
    if text and (style.startswith("List") or (properties is not None and properties.numPr is not None)):
        return "list", 0, f"- {text}"
    return "text", 0, text


def _rows(part: Any) -> list[list[str]]:
    rows = []
    for row in part.rows:
        seen: set[int] = set()
        texts = []
        for one in row.cells:
            # A merged cell comes once for each column that it covers.
            texts.append("" if id(one._tc) in seen else one.text)
            seen.add(id(one._tc))
        rows.append(texts)
    return rows
