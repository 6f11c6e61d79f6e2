"""Files of a chat as text."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from pydantic import Field

from flowloft.core.context import Context
from flowloft.core.files import file_place, files_check, is_picture
from flowloft.core.node import Node
from flowloft.core.types import Documents
from flowloft.rag import ParseLimits, parse_limited


class _Read(NamedTuple):
    text: Annotated[str, "All of them as one text, each below its name; empty without files."]
    documents: Annotated[Documents, "One for each file, for Splitter."]


class ReadFiles(Node):
    """Reads what people attach to a chat message: PDF, Word, tables, web pages, text.

    Pictures are left to the model, which sees them itself. Each file is read in a process of its own,
    with limits.
    """

    title = "Read files"
    group = "knowledge"
    icon = "paperclip"
    extra = "rag"

    max_characters: int = Field(
        20_000,
        title="Longest text",
        ge=100,
        le=1_000_000,
        description="In characters, of all files together; what comes after is cut off.",
    )
    seconds: float = Field(
        60.0,
        title="Longest time",
        gt=0,
        le=600,
        description="In seconds, for one file.",
        json_schema_extra={"x-advanced": True},
    )

    def run(self, files: Annotated[list[dict[str, Any]], "From Chat input."], ctx: Context) -> _Read:
        documents: list[dict[str, Any]] = []
        for file in files_check(files, "/files"):
            if is_picture(file):
                continue
            parsed = parse_limited(
                file_place(ctx, file),
                filename=str(file.get("name", "file")),
                media_type=str(file.get("media_type", "")),
                limits=ParseLimits(seconds=self.seconds),
                check=ctx.check,
            )
            for remark in parsed.remarks:
                ctx.log(remark)
            source = {"title": str(file.get("name", "")), "document_id": str(file.get("ref", ""))}
            documents.append({"text": parsed.text, "score": 0.0, "source": source})
        text = "\n\n".join(f"# {one['source']['title']}\n\n{one['text']}" for one in documents)
        if len(text) > self.max_characters:
            ctx.log(
                f"Only the first {self.max_characters:,} of {len(text):,} characters are used.", "warning"
            )
        return _Read(text[: self.max_characters], documents)
