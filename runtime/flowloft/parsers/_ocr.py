"""Text in pictures, where a library for it is installed."""

from __future__ import annotations

import importlib.util
import shutil
from typing import Any

from flowloft.core.parser import Block, Box, DocumentError, Place

HINT = "Install the package rapidocr (or pytesseract with the program tesseract), or add the text itself."


def has_ocr() -> bool:
    """Says whether pictures can be read here."""
    if importlib.util.find_spec("rapidocr") is not None:
        return True
    return importlib.util.find_spec("pytesseract") is not None and shutil.which("tesseract") is not None


def ocr_blocks(image: Any, page: int | None, scale: float) -> list[Block]:
    """Reads a picture.

    Args:
        image: A ``PIL.Image``.
        page: Page that it is.
        scale: Points a pixel.

    Raises:
        DocumentError: ``needs_ocr``: nothing is installed for it.
    """
    if not has_ocr():
        raise DocumentError("It is a picture, and no OCR library is installed.", code="needs_ocr", hint=HINT)
    found = _rapid(image) if importlib.util.find_spec("rapidocr") is not None else _tesseract(image)
    blocks = []
    for text, (left, top, right, bottom) in found:
        box = (left * scale, top * scale, right * scale, bottom * scale)
        blocks.append(Block(text=text, place=Place(page=page, boxes=(box,))))
    return blocks


def _rapid(image: Any) -> list[tuple[str, Box]]:
    import numpy
    from rapidocr import RapidOCR

    found = RapidOCR()(numpy.asarray(image.convert("RGB")))
    lines = []
    for text, corners in zip(found.txts or (), found.boxes if found.boxes is not None else (), strict=False):
        xs, ys = [float(x) for x, _ in corners], [float(y) for _, y in corners]
        lines.append((str(text), (min(xs), min(ys), max(xs), max(ys))))
    return lines


def _tesseract(image: Any) -> list[tuple[str, Box]]:
    import pytesseract

    data = pytesseract.image_to_data(image, output_type=pytesseract.Output.DICT)
    lines: dict[tuple[int, int, int], tuple[list[str], list[Box]]] = {}
    for at, word in enumerate(data["text"]):
        if word.strip():
            key = (data["block_num"][at], data["par_num"][at], data["line_num"][at])
            words, boxes = lines.setdefault(key, ([], []))
            left, top = float(data["left"][at]), float(data["top"][at])
            words.append(word)
            boxes.append((left, top, left + data["width"][at], top + data["height"][at]))
    return [(" ".join(words), _around(boxes)) for words, boxes in lines.values()]


def _around(boxes: list[Box]) -> Box:
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )
