"""Notebooks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import Field

from flowloft.core.parser import Block, DocumentError, Parsed, Parser, assemble
from flowloft.parsers._markdown import markdown_blocks
from flowloft.parsers._text import read_text


class Notebook(Parser):
    """Reads a Jupyter notebook: its text and code, and what was printed."""

    title = "Notebook"
    suffixes = (".ipynb",)
    media_types = ("application/x-ipynb+json",)

    outputs: bool = Field(True, title="Outputs", description="Whether what the code printed is kept.")

    def parse(self, path: Path) -> Parsed:
        text, remarks = read_text(path)
        try:
            cells = json.loads(text)["cells"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise DocumentError(
                f"It is no notebook: {error}.", code="unreadable", hint="Save it again in Jupyter."
            ) from error
        return assemble(self._blocks(cells), remarks=remarks)

    def _blocks(self, cells: Any) -> Iterator[Block]:
        for cell in cells if isinstance(cells, list) else ():
            source = _joined(cell.get("source"))
            if cell.get("cell_type") == "markdown":
                yield from markdown_blocks(source)
            else:
                yield Block(kind="code", text=source)
            if self.outputs:
                yield from _outputs(cell)


def _outputs(cell: dict[str, Any]) -> Iterator[Block]:
    for output in cell.get("outputs") or ():
        data = output.get("data") or {}
        yield Block(kind="code", text=_joined(output.get("text") or data.get("text/plain"))[:20_000])


def _joined(text: Any) -> str:
    return "".join(str(line) for line in text) if isinstance(text, list) else str(text or "")
