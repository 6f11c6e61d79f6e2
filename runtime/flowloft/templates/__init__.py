"""Flows to start from, one JSON file each; the key of a template is the name of its file."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict, Field

from flowloft.core.errors import FlowError
from flowloft.core.spec import FlowSpec


class Template(BaseModel):
    """A flow with what the start page says about it.

    Attributes:
        key: Stable name.
        icon: Name of a Tabler icon.
        order: Place in the list; smaller comes first.
        document: The flow; copied, never changed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    title: str
    description: str
    icon: str
    tags: list[str] = Field(default_factory=list)
    order: int = 100
    document: FlowSpec


@cache
def load_templates() -> tuple[Template, ...]:
    """Returns all templates, in the order of the start page."""
    found = [
        Template(key=file.name.removesuffix(".json"), **json.loads(file.read_text(encoding="utf-8")))
        for file in resources.files(__name__).iterdir()
        if file.name.endswith(".json")
    ]
    return tuple(sorted(found, key=lambda template: (template.order, template.key)))


def template(key: str) -> Template:
    """Returns one template.

    Raises:
        FlowError: ``unknown_template``; the hint lists what there is.
    """
    for found in load_templates():
        if found.key == key:
            return found
    raise FlowError(
        f"There is no template called “{key}”.",
        code="unknown_template",
        hint=f"There are: {', '.join(found.key for found in load_templates())}.",
    )
