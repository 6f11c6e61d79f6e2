"""What happens inside the process that parses: read, measure, tell. Runs in the sandbox."""

from __future__ import annotations

import json
import os
import select
import signal
import time
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


def parse_many(files: list[dict[str, Any]], seconds: float) -> list[dict[str, Any]]:
    """Parses files one after another, each in a process of its own that has all loaded already.

    Args:
        files: Arguments of :func:`parse` for each.
        seconds: What each may take.

    Returns:
        For each what :func:`parse` returns; nothing where it came to no answer.
    """
    for key in {file["parser"] for file in files}:
        PARSERS.get(key)
    return [_apart(file, seconds) for file in files]


def _apart(file: dict[str, Any], seconds: float) -> dict[str, Any]:
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        os.close(ours)
        _tell(theirs, file)
    os.close(theirs)
    answer = bytearray()
    until = time.monotonic() + seconds
    try:
        while (left := until - time.monotonic()) > 0:
            if select.select([ours], [], [], left)[0]:
                piece = os.read(ours, 1 << 16)
                if not piece:
                    break
                answer += piece
    finally:
        os.close(ours)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    try:
        return dict(json.loads(answer))
    except ValueError:
        return {}


def _tell(pipe: int, file: dict[str, Any]) -> None:
    """Parses and writes the answer, in the child; never returns."""
    code = 1
    try:
        data = json.dumps(parse(**file), ensure_ascii=False).encode("utf-8", "replace")
        while data:
            data = data[os.write(pipe, data) :]
        code = 0
    finally:
        os._exit(code)
