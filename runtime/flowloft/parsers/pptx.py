"""Presentations."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field

from flowloft.core.parser import Block, Box, DocumentError, Parsed, Parser, Place, assemble
from flowloft.parsers._text import table
from flowloft.parsers._zip import check_zip

_POINT = 12_700
"""English metric units a point."""

_BROKEN = (KeyError, ValueError, zipfile.BadZipFile, AttributeError)


class Pptx(Parser):
    """Reads a presentation (.pptx): each slide with its title, texts, tables and notes."""

    title = "PowerPoint"
    suffixes = (".pptx", ".pptm", ".ppsx")
    media_types = ("application/vnd.openxmlformats-officedocument.presentationml.presentation",)

    notes: bool = Field(True, title="Notes", description="Whether the speaker's notes are kept.")

    def parse(self, path: Path) -> Parsed:
        import pptx
        from lxml.etree import LxmlError
        from pptx.exc import PythonPptxError

        check_zip(path)
        try:
            deck = pptx.Presentation(str(path))
            blocks = list(self._blocks(deck))
            title = deck.core_properties.title or ""
        except (
            PythonPptxError,
            LxmlError,
            KeyError,
            ValueError,
            zipfile.BadZipFile,
            AttributeError,
        ) as error:
            raise DocumentError(
                f"It is no whole presentation: {error}.",
                code="unreadable",
                hint="Save it again in PowerPoint.",
            ) from error
        size = ((deck.slide_width or 0) / _POINT, (deck.slide_height or 0) / _POINT)
        title = "" if title == "PowerPoint Presentation" else title
        return assemble(blocks, title=title, pages=[size] * len(deck.slides))

    def _blocks(self, deck: Any) -> Iterator[Block]:
        for number, slide in enumerate(deck.slides, 1):
            heading = slide.shapes.title
            if heading is not None and heading.text_frame.text.strip():
                text = " ".join(heading.text_frame.text.split())
                yield Block(kind="heading", text=text, level=1, place=_place(number, heading))
            for shape in _in_order(slide.shapes):
                if heading is None or shape.shape_id != heading.shape_id:
                    yield from _read(number, shape)
            if self.notes and slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
                yield Block(text=slide.notes_slide.notes_text_frame.text, place=Place(page=number))


def _in_order(shapes: Any, depth: int = 0) -> list[Any]:
    """Returns shapes from top to bottom, those of groups among them."""
    found = []
    for shape in shapes:
        if hasattr(shape, "shapes") and depth < 10:
            found.extend(_in_order(shape.shapes, depth + 1))
        else:
            found.append(shape)
    return sorted(found, key=lambda shape: ((shape.top or 0) // (_POINT * 10), shape.left or 0))


def _read(number: int, shape: Any) -> Iterator[Block]:
    place = _place(number, shape)
    if getattr(shape, "has_table", False):
        rows = [[cell.text for cell in row.cells] for row in shape.table.rows]
        yield Block(kind="table", text=table(rows), place=place)
    elif shape.has_text_frame:
        lines = [one for one in shape.text_frame.paragraphs if one.text.strip()]
        if len(lines) > 1:
            text = "\n".join(f"{'  ' * one.level}- {one.text.strip()}" for one in lines)
            yield Block(kind="list", text=text, place=place)
        else:
            yield Block(text=shape.text_frame.text, place=place)


def _place(number: int, shape: Any) -> Place:
    if shape.left is None or shape.top is None or not shape.width or not shape.height:
        return Place(page=number)
    left, top = shape.left / _POINT, shape.top / _POINT
    box: Box = (left, top, left + shape.width / _POINT, top + shape.height / _POINT)
    return Place(page=number, boxes=(box,))
