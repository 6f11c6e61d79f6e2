"""A document from the web."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from pydantic import Field

from flowloft.core.context import Context
from flowloft.core.fetch import fetch, fill_address
from flowloft.core.node import Node
from flowloft.core.types import Documents
from flowloft.rag import ParseLimits, parse_limited


class _Loaded(NamedTuple):
    text: Annotated[str, "All of it as one text."]
    documents: Annotated[Documents, "The same as a list of one, for Splitter."]
    title: Annotated[str, "As the document says it."]


class DocumentLoader(Node):
    """Fetches a document (PDF, Word, web page, ...) and gives its text.

    `{name}` in the address becomes an input. Addresses inside the network of the studio are refused.
    The document is read in a process of its own, with limits.
    """

    title = "Document loader"
    group = "knowledge"
    icon = "file-import"
    extra = "rag"
    cacheable = False

    url: str = Field(
        "https://",
        title="Address",
        max_length=4000,
        description="For example: https://example.com/manual.pdf, or {address} for an input.",
        json_schema_extra={"x-widget": "template", "x-inputs": "placeholders"},
    )
    max_bytes: int = Field(
        20_000_000, title="Largest file", ge=1, le=50_000_000, description="In bytes; a larger one fails."
    )
    seconds: float = Field(
        60.0, title="Longest time to read it", gt=0, le=600, description="In seconds, once it is fetched."
    )

    def run(self, ctx: Context, **variables: Any) -> _Loaded:
        address = fill_address(self.url, variables).strip()
        answer = fetch(ctx, "GET", address, headers={}, body=b"", timeout=60.0, max_bytes=self.max_bytes)
        answer.require_success()
        media_type = answer.headers.get("content-type", "")
        name = PurePosixPath(unquote(urlsplit(address).path)).name or "page"
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "file"
            file.write_bytes(answer.content)
            parsed = parse_limited(
                file,
                filename=name,
                media_type=media_type,
                limits=ParseLimits(seconds=self.seconds),
                check=ctx.check,
            )
        for remark in parsed.remarks:
            ctx.log(remark)
        title = parsed.title or name
        source = {"title": title, "document_id": address}
        return _Loaded(parsed.text, [{"text": parsed.text, "score": 0.0, "source": source}], title)
