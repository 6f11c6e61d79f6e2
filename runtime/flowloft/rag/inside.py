"""What happens inside the process that parses: read, measure, tell. Runs in the sandbox."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from flowloft.core.parser import PARSERS, DocumentError
from flowloft.parsers._zip import check_zip


def parse(path: str, parser: str, settings: dict[str, Any], unpacked: int, text: int) -> dict[str, Any]:
    """Parses a file; returns ``{"parsed": ...}`` or ``{"failed": {code, message, hint}}``."""
    try:
        if zipfile.is_zipfile(path):
            check_zip(Path(path), unpacked)
        parsed = PARSERS.get(parser).model_validate(settings).parse(Path(path))
        if len(parsed.text) > text:
            raise DocumentError(
                f"It has {len(parsed.text):,} characters of text.",
                code="too_large",
                hint=f"At most {text:,} are read; cut it into parts.",
            )
    except DocumentError as error:
        return {"failed": error.payload()}
    except RecursionError:
        return {
            "failed": {
                "code": "unreadable",
                "message": "It is nested too deeply.",
                "hint": "Save it again in the program that it is from.",
            }
        }
    return {"parsed": parsed.model_dump(mode="json")}
