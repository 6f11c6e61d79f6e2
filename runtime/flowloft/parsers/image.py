"""Pictures."""

from __future__ import annotations

from pathlib import Path

from flowloft.core.parser import DocumentError, Parsed, Parser, assemble
from flowloft.parsers._ocr import ocr_blocks

_MOST_PIXELS = 80_000_000


class Image(Parser):
    """Reads the text in a picture, where the program tesseract is installed."""

    title = "Picture"
    suffixes = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif")
    media_types = ("image/png", "image/jpeg", "image/webp", "image/bmp", "image/tiff", "image/gif")

    def parse(self, path: Path) -> Parsed:
        from PIL import Image as Pillow
        from PIL import ImageOps

        try:
            with Pillow.open(path) as picture:
                width, height = picture.size
                if width * height > _MOST_PIXELS:
                    raise DocumentError(
                        f"It has {width} × {height} pixels.",
                        code="too_large",
                        hint=f"At most {_MOST_PIXELS:,} pixels are read; make it smaller.",
                    )
                # As the camera was held, and as browsers show it.
                upright = ImageOps.exif_transpose(picture)
                width, height = upright.size
                blocks = ocr_blocks(upright, 1, 1.0)
        except (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError) as error:
            raise DocumentError(
                f"It is no picture: {error}.", code="unreadable", hint="Open it and save it again."
            ) from error
        return assemble(blocks, pages=[(float(width), float(height))])
