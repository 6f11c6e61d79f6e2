"""Passages as one text for a prompt."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from pydantic import Field

from flowloft.core.knowledge import Citation
from flowloft.core.node import Node
from flowloft.core.types import Documents


class _Built(NamedTuple):
    text: Annotated[str, "The passages, numbered [1], [2], ..."]
    citations: Annotated[list[dict[str, Any]], "What each number stands for; connect it to Chat output."]


class ContextBuilder(Node):
    """Puts passages together to one text, numbered, so that a model can refer to them."""

    title = "Context builder"
    group = "knowledge"
    icon = "blockquote"
    quick = True

    max_characters: int = Field(
        6000,
        title="Longest text",
        ge=100,
        le=1_000_000,
        description="In characters. The last passage that does not fit is cut, further ones left out.",
    )
    titles: bool = Field(True, title="Titles", description="Whether each passage begins with its document.")

    def run(self, documents: Documents) -> _Built:
        parts: list[str] = []
        citations: list[dict[str, Any]] = []
        left = self.max_characters
        for document in documents:
            citation = Citation.of(len(citations) + 1, document)
            title = f" {citation.title}\n" if self.titles and citation.title else " "
            part = f"[{citation.number}]{title}{document.get('text', '')}"[:left]
            if len(part) < 20:
                break
            parts.append(part)
            citations.append(citation.model_dump(mode="json"))
            left -= len(part) + 2
        return _Built("\n\n".join(parts), citations)
