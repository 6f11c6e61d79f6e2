"""Pieces of a text."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, JsonValue, model_validator

from flowloft.core.errors import FlowloftError
from flowloft.core.node import Node
from flowloft.core.parser import Block, Parsed, assemble
from flowloft.core.splitter import SPLITTERS
from flowloft.core.types import Documents


class Splitter(Node):
    """Cuts a long text, or the text of each document, into passages."""

    title = "Splitter"
    group = "knowledge"
    icon = "cut"
    extra = "rag"

    splitter: str = Field(
        "sentence",
        title="Cut at",
        max_length=60,
        description="Sentences, tokens, headings of Markdown, units of code, items of JSON, ...",
        json_schema_extra=lambda schema: schema.update(enum=[*SPLITTERS.keys]),
    )
    size: int = Field(
        500, title="Size", ge=50, le=8000, description="Characters of a passage, at most; of tokens, tokens."
    )
    settings: dict[str, JsonValue] = Field(
        default_factory=dict,
        title="More settings",
        description='Of the splitter, for example {"overlap": 50}.',
        json_schema_extra={"x-widget": "json", "x-advanced": True},
    )

    @model_validator(mode="after")
    def _fits(self) -> Splitter:
        try:
            SPLITTERS.get(self.splitter).model_validate({**self.settings, "size": self.size})
        except FlowloftError as error:
            raise ValueError(f"{error.message} {error.hint}") from error
        return self

    def run(self, text: Annotated[Any, "A text, or documents."]) -> Documents:
        whole = text if isinstance(text, list) else [{"text": text}]
        splitter = SPLITTERS.get(self.splitter).model_validate({**self.settings, "size": self.size})
        passages = []
        for document in whole:
            source = dict(document.get("source") or {})
            for chunk in splitter.split(_parsed(str(document.get("text", "")))):
                places = [place.model_dump(mode="json") for place in chunk.places]
                heading = list(chunk.heading_path)
                passages.append(
                    {
                        "text": chunk.text,
                        "score": 0.0,
                        "source": {"heading_path": heading, "places": places, **source},
                    }
                )
        return passages


def _parsed(text: str) -> Parsed:
    return assemble([Block(text=text)]) if text.strip() else Parsed()
