"""Files as a flow sees them: a reference travels along edges, the content is read where it is needed."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from flowloft.core.errors import InputError, NoFit

if TYPE_CHECKING:
    from flowloft.core.context import Context

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""Media types that models with eyes take."""


class FileSource(Protocol):
    """Where references to files are looked up."""

    def place(self, ref: str) -> Path:
        """Returns where the content of a file lies, to be read only.

        Raises:
            NoFit: ``unknown_file``.
        """
        ...


def is_picture(file: dict[str, Any]) -> bool:
    """Says whether a model can look at a file; all others are read as text."""
    return file.get("media_type") in PICTURES


def file_place(ctx: Context, file: dict[str, Any]) -> Path:
    """Returns where the content of a file lies.

    Raises:
        NoFit: ``no_files``: the run was given no place to look files up; ``unknown_file``.
    """
    if ctx.files is None:
        raise NoFit(
            f"“{file.get('name', 'file')}” can't be read where this run takes place.",
            code="no_files",
            hint="Run the flow in the studio, or give the Context files=.",
        )
    return ctx.files.place(str(file.get("ref", "")))


def files_check(value: Any, path: str) -> list[dict[str, Any]]:
    """Returns a list of files as it came in.

    Raises:
        InputError: It is none, with ``extra.path``.
    """
    given = [] if value is None else value
    if not isinstance(given, list) or not all(
        isinstance(one, dict) and isinstance(one.get("ref"), str) for one in given
    ):
        raise InputError(
            "This is no list of files.",
            hint='Each is {"name": "...", "media_type": "...", "ref": "..."}, as an upload answers.',
            extra={"path": path},
        )
    return given


def with_pictures(messages: list[dict[str, Any]], ctx: Context) -> list[dict[str, Any]]:
    """Returns messages as models take them: the pictures among their ``files`` as parts of the content,
    in the form of OpenAI's API; other files are left out.

    Source: https://platform.openai.com/docs/guides/images-vision
    """
    return [_with_pictures(message, ctx) if "files" in message else message for message in messages]


def _with_pictures(message: dict[str, Any], ctx: Context) -> dict[str, Any]:
    plain = {name: value for name, value in message.items() if name != "files"}
    pictures = [file for file in message["files"] if is_picture(file)]
    if not pictures:
        return plain
    parts: list[dict[str, Any]] = [{"type": "text", "text": message["content"]}]
    for file in pictures:
        content = base64.b64encode(file_place(ctx, file).read_bytes()).decode()
        parts.append(
            {"type": "image_url", "image_url": {"url": f"data:{file['media_type']};base64,{content}"}}
        )
    return {**plain, "content": parts}
