"""Text in pictures, where the program tesseract is installed."""

from __future__ import annotations

import importlib.util
import shutil
from typing import Any

from flowloft.core.parser import Block, Box, DocumentError, Place
from flowloft.parsers._layout import around, joined

MISSING = "It is a picture, and the program that reads pictures (tesseract) is not installed."
HINT = "Install it with the languages that are needed (apt install tesseract-ocr), or add the text itself."
_MOST_LANGUAGES = 4
"""Each one more takes its time on every picture."""


def has_ocr() -> bool:
    """Says whether pictures can be read here."""
    return importlib.util.find_spec("pytesseract") is not None and shutil.which("tesseract") is not None


def ocr_blocks(image: Any, page: int | None, scale: float) -> list[Block]:
    """Reads a picture.

    Args:
        image: A ``PIL.Image``.
        page: Page that it is.
        scale: Points a pixel.

    Raises:
        DocumentError: ``needs_ocr``: tesseract is not installed.
    """
    if not has_ocr():
        raise DocumentError(MISSING, code="needs_ocr", hint=HINT)
    blocks = []
    for text, boxes in _paragraphs(image):
        drawn = tuple(
            (left * scale, top * scale, right * scale, bottom * scale) for left, top, right, bottom in boxes
        )
        blocks.append(Block(text=text, place=Place(page=page, boxes=drawn)))
    return blocks


def _paragraphs(image: Any) -> list[tuple[str, list[Box]]]:
    import pytesseract

    languages = "+".join(_languages())
    data = pytesseract.image_to_data(image, lang=languages or None, output_type=pytesseract.Output.DICT)
    paragraphs: dict[tuple[int, int], dict[int, tuple[str, list[Box]]]] = {}
    for at, word in enumerate(data["text"]):
        if word.strip():
            lines = paragraphs.setdefault((data["block_num"][at], data["par_num"][at]), {})
            text, boxes = lines.get(data["line_num"][at], ("", []))
            left, top = float(data["left"][at]), float(data["top"][at])
            box = (left, top, left + data["width"][at], top + data["height"][at])
            lines[data["line_num"][at]] = (joined(text, word), [*boxes, box])
    found = []
    for lines in paragraphs.values():
        whole = ""
        for text, _ in lines.values():
            whole = joined(whole, text)
        found.append((whole, [around(boxes) for _, boxes in lines.values()]))
    return found


def _languages() -> list[str]:
    """Returns in which languages tesseract is asked to read: Chinese and English first, where installed."""
    import pytesseract

    there = set(pytesseract.get_languages()) - {"osd"}
    first = [one for one in ("chi_sim", "eng") if one in there]
    return [*first, *sorted(there.difference(first))][:_MOST_LANGUAGES]
