"""The node kinds, served from memory: they change with the version that runs, and with the components."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from django.conf import settings
from flowloft.core import catalogue as runtime
from pydantic import BaseModel, Field

from backend.flows.components import COMPONENTS


class Problem(BaseModel):
    """A component file that failed. The others are there all the same."""

    file: str
    message: str
    line: int | None = None


class Catalogue(runtime.Catalogue):
    """Every kind of node, and which port types connect."""

    version: str = Field(description="The Flowloft that this is the catalogue of.")
    problems: list[Problem] = Field(default_factory=list, description="Component files that failed.")


def catalogue_json() -> tuple[bytes, str]:
    """Returns the catalogue as JSON, and its ETag."""
    COMPONENTS.refresh()
    return _catalogue_json(COMPONENTS.version)


@lru_cache(maxsize=1)
def _catalogue_json(version: int) -> tuple[bytes, str]:
    found = runtime.catalogue()
    own = COMPONENTS.entries()
    kinds = [runtime.KindEntry(**own[kind.key]) if kind.key in own else kind for kind in found.kinds]
    told = Catalogue(
        **dict(found) | {"kinds": kinds},
        version=settings.VERSION,
        problems=[Problem(**one) for one in COMPONENTS.problems()],
    )
    body = told.model_dump_json().encode()
    return body, f'"{hashlib.sha256(body).hexdigest()[:20]}"'
