"""The node kinds, served from memory: they change only with the version that runs."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from django.conf import settings
from flowloft.core import catalogue as runtime
from pydantic import Field


class Catalogue(runtime.Catalogue):
    """Every kind of node, and which port types connect."""

    version: str = Field(description="The Flowloft that this is the catalogue of.")


@lru_cache(maxsize=1)
def catalogue_json() -> tuple[bytes, str]:
    """Returns the catalogue as JSON, and its ETag."""
    found = runtime.catalogue()
    body = Catalogue(**dict(found), version=settings.VERSION).model_dump_json().encode()
    return body, f'"{hashlib.sha256(body).hexdigest()[:20]}"'
