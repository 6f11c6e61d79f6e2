"""Files of people are parsed in a process of their own: little memory, little time, no network."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from flowloft.core.errors import FlowError
from flowloft.core.parser import PARSERS, DocumentError, Parsed, parser_for
from flowloft.sandbox import Limits, run_function, sandbox_report

_ONE_THREAD = (
    "import os; os.environ.update(OMP_NUM_THREADS='1', OMP_THREAD_LIMIT='1', OPENBLAS_NUM_THREADS='1')\n"
)
_CODE = _ONE_THREAD + "from flowloft.rag.inside import parse"
_CODE_MANY = _ONE_THREAD + "from flowloft.rag.inside import parse_many"
_ALONE = """import json, sys
from flowloft.rag.inside import parse
print(json.dumps(parse(**json.load(sys.stdin))))
"""
_RUNTIME = Path(__file__).parents[2]
_OUTPUT = 256 << 20
UNCONFINED = "It was parsed with limited memory and time, but not in the sandbox: bubblewrap is missing."


class ParseLimits(BaseModel):
    """What parsing one file may use up.

    Attributes:
        seconds: Of the clock on the wall.
        memory: Bytes.
        file: Bytes of the file itself.
        text: Characters of text that it may come to.
        unpacked: Bytes that a zip (docx, xlsx, pptx, epub) may come to.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    seconds: float = Field(120.0, gt=0, le=3600)
    memory: int = Field(1 << 30, ge=128 << 20, le=16 << 30)
    file: int = Field(200 << 20, ge=1, le=4 << 30)
    text: int = Field(20_000_000, ge=1)
    unpacked: int = Field(1 << 30, ge=1 << 20)


def _nothing() -> None:
    """Never gives up."""


def parse_limited(
    path: Path,
    *,
    filename: str = "",
    media_type: str = "",
    parser: str = "",
    settings: dict[str, Any] | None = None,
    limits: ParseLimits | None = None,
    check: Callable[[], None] = _nothing,
) -> Parsed:
    """Parses a file in a process with limits.

    Args:
        path: The file.
        filename: What it is called, where that is not ``path.name``.
        media_type: As the browser told it.
        parser: Key of a parser; chosen by name and media type where empty.
        settings: Fields of the parser.
        limits: What it may use up.
        check: Called at least every 0.1 s; what it raises ends the process.

    Returns:
        The document. Where the sandbox can't be had, its remarks say that only memory and time
        were limited.

    Raises:
        DocumentError: The reason as code: ``encrypted``, ``too_large``, ``zip_bomb``, ``timeout``,
            ``out_of_memory``, ``unreadable``, ``unsupported_format``, ``empty``, ``needs_ocr``.
    """
    limits = limits or ParseLimits()
    name = filename or path.name
    asked = _asked(path, name, parser or parser_for(name, media_type), settings, limits)
    confined = sandbox_report().error is None
    if confined:
        answer = _in_sandbox(path, name, asked, limits, check)
    else:
        answer = _with_limits(path, name, asked, limits)
    parsed = _parsed(answer)
    if not confined:
        parsed.remarks.append(UNCONFINED)
    return parsed


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that is to be parsed together with others; as the arguments of :func:`parse_limited`."""

    path: Path
    filename: str
    media_type: str = ""
    parser: str = ""
    settings: dict[str, Any] | None = None


def parse_together(
    files: Sequence[Waiting], *, limits: ParseLimits, check: Callable[[], None] = _nothing
) -> list[Parsed | None]:
    """Parses small files in one sandbox, each in a limited process of its own. To start a sandbox and to
    load the parsers takes longer than to read most documents.

    Files that should not learn of each other do not belong in one call.

    Args:
        limits: For each of them; the memory is also what all of it may have.

    Returns:
        For each the document; None where there was any difficulty: alone it says which.
    """
    if sandbox_report().error is not None:
        return [None for _ in files]
    found: list[Parsed | None] = [None for _ in files]
    with ExitStack() as opened:
        shown, wanted = _shown(), []
        for number, file in enumerate(files):
            try:
                key = file.parser or parser_for(file.filename, file.media_type)
                asked = _asked(file.path, file.filename, key, file.settings, limits)
            except (DocumentError, OSError):
                continue
            inside = f"/sandbox/{number}{PurePath(file.filename).suffix.lower()}"
            shown[inside] = str(opened.enter_context(_readable(file.path)))
            wanted.append((number, {**asked, "path": inside}))
        given = {"files": [asked for _, asked in wanted], "seconds": limits.seconds}
        allowed = _allowed(limits, limits.seconds * max(1, len(wanted)))
        try:
            answers = run_function(
                _CODE_MANY, "parse_many", given, limits=allowed, check=check, shown=shown
            ).value
        except FlowError:
            return found
    for (number, _), answer in zip(wanted, answers, strict=True):
        if "parsed" in answer:
            found[number] = Parsed.model_validate(answer["parsed"])
    return found


def _asked(
    path: Path, name: str, key: str, settings: dict[str, Any] | None, limits: ParseLimits
) -> dict[str, Any]:
    """Returns what the process inside is told, after what can be seen from outside was looked at."""
    PARSERS.get(key).model_validate(settings or {})
    size = path.stat().st_size
    if size > limits.file:
        raise DocumentError(
            f"“{name}” has {size:,} bytes.",
            code="too_large",
            hint=f"At most {limits.file:,} bytes are read; cut it into parts, or raise the limit.",
        )
    if not size:
        raise DocumentError(f"“{name}” is empty.", code="empty", hint="Is it the right file?")
    return {"parser": key, "settings": settings or {}, "unpacked": limits.unpacked, "text": limits.text}


def _parsed(answer: dict[str, Any]) -> Parsed:
    if failed := answer.get("failed"):
        raise DocumentError(failed["message"], code=failed["code"], hint=failed["hint"])
    return Parsed.model_validate(answer["parsed"])


def _shown() -> dict[str, str]:
    """Returns what the parsers are loaded from."""
    return {"/sandbox/runtime": str(_RUNTIME), "/sandbox/packages": sysconfig.get_path("purelib")}


def _allowed(limits: ParseLimits, seconds: float) -> Limits:
    return Limits(
        seconds=min(3600.0, seconds),
        cpu=max(1, round(limits.seconds)),
        memory=limits.memory,
        output=_OUTPUT,
        files=64 << 20,
    )


def _in_sandbox(
    path: Path, name: str, asked: dict[str, Any], limits: ParseLimits, check: Callable[[], None]
) -> dict[str, Any]:
    inside = f"/sandbox/file{PurePath(name).suffix.lower()}"
    with _readable(path) as file:
        shown = {**_shown(), inside: str(file)}
        allowed = _allowed(limits, limits.seconds)
        try:
            result = run_function(
                _CODE, "parse", {**asked, "path": inside}, limits=allowed, check=check, shown=shown
            )
        except FlowError as error:
            raise _explained(error, limits) from error
    return dict(result.value)


def _explained(error: FlowError, limits: ParseLimits) -> DocumentError:
    """Says of a limit or a crash what it means for the document."""
    if error.error_code == "sandbox_timeout":
        return _too_slow(limits)
    if error.error_code in ("sandbox_memory", "sandbox_files"):
        return _too_much(limits)
    if error.error_code == "sandbox_output":
        return DocumentError(
            "It comes to more text than can be taken.", code="too_large", hint="Cut it into parts."
        )
    return DocumentError(
        f"It can't be read: {error.message}",
        code="unreadable",
        hint="Open it in the program that it is from, and save it again.",
        extra={"log": str(error.extra.get("log", ""))[-2000:]},
    )


def _too_slow(limits: ParseLimits) -> DocumentError:
    return DocumentError(
        f"Reading it took longer than {limits.seconds:g} s.",
        code="timeout",
        hint="Cut it into parts, or allow more time.",
    )


def _too_much(limits: ParseLimits) -> DocumentError:
    return DocumentError(
        f"Reading it took more than {limits.memory >> 20} MiB of memory.",
        code="out_of_memory",
        hint="Cut it into parts, or allow more memory.",
    )


@contextmanager
def _readable(path: Path) -> Iterator[Path]:
    """Gives a file that the sandbox may read: started by root, it runs as nobody in particular."""
    if os.geteuid() != 0 or path.stat().st_mode & 0o004:
        yield path.absolute()
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "file"
        shutil.copyfile(path, copy)
        copy.chmod(0o644)
        yield copy


def _with_limits(path: Path, name: str, asked: dict[str, Any], limits: ParseLimits) -> dict[str, Any]:
    """Parses without the sandbox: a process with the kernel's limits of memory and time."""

    def limit() -> None:
        seconds = max(1, round(limits.seconds))
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(_RUNTIME),
        "OMP_NUM_THREADS": "1",
        "OMP_THREAD_LIMIT": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"file{PurePath(name).suffix.lower()}"
        file.symlink_to(path.absolute())
        try:
            ended = subprocess.run(
                [sys.executable, "-c", _ALONE],
                input=json.dumps({**asked, "path": str(file)}).encode(),
                capture_output=True,
                env=environment,
                timeout=limits.seconds,
                preexec_fn=limit,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise _too_slow(limits) from error
    if ended.returncode == 0:
        return dict(json.loads(ended.stdout))
    errors = ended.stderr.decode(errors="replace")
    if "MemoryError" in errors or "bad_alloc" in errors:
        raise _too_much(limits)
    if ended.returncode in (-9, -24):
        raise _too_slow(limits)
    raise DocumentError(
        f"It can't be read: {(errors.strip().splitlines() or ['the parser ended'])[-1][:300]}",
        code="unreadable",
        hint="Open it in the program that it is from, and save it again.",
    )
