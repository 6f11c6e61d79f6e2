"""Draws pages of a PDF, in a process of its own: `render.py FILE FOLDER FIRST COUNT PIXELS`."""

from __future__ import annotations

import sys
from pathlib import Path


def main(source: str, folder: str, first: int, count: int, pixels: int) -> int:
    """Writes `<page>.webp` for each page."""
    import pypdfium2  # noqa: PLC0415 - only this process needs it

    document = pypdfium2.PdfDocument(source)
    for index in range(first - 1, min(len(document), first - 1 + count)):
        page = document[index]
        scale = min(3.0, pixels / max(1.0, page.get_width()), 4 * pixels / max(1.0, page.get_height()))
        image = page.render(scale=scale).to_pil().convert("RGB")
        fresh = Path(folder, f"{index + 1}.new")
        image.save(fresh, "WEBP", quality=82)
        fresh.replace(Path(folder, f"{index + 1}.webp"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])))
