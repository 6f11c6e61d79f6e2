"""Results that a person's runs may use again.

On in runs that the editor starts, where the same steps run again and again while one of them is being
changed. Off in chats, published versions and runs by API unless they ask for it: there, a model is
expected to answer anew, and what a flow reads outside may have changed.
"""

from __future__ import annotations

import json
from typing import Any

from django.db import DatabaseError, connection
from flowloft.core.cache import exact_text

from backend.runs import limits
from backend.runs.models import CachedResult
from backend.runs.recorder import Recorder


class RunCache:
    """The cache of one run: what is found is its owner's, what is put is written with its events."""

    def __init__(self, *, owner_id: Any, recorder: Recorder) -> None:
        self._owner_id = owner_id
        self._recorder = recorder

    def get(self, key: str) -> dict[str, Any] | None:
        """Returns the outputs by port, else None."""
        try:
            mine = CachedResult.objects.filter(owner_id=self._owner_id, key=key)
            text = mine.values_list("outputs", flat=True).first()
        except DatabaseError:
            return None
        finally:
            connection.close()
        if text is None:
            return None
        self._recorder.keep(key, None)
        found: dict[str, Any] = json.loads(text)
        return found

    def put(self, key: str, outputs: dict[str, Any]) -> None:
        """Keeps outputs by port that are plain data and not too large."""
        text = exact_text(outputs)
        if text is not None and len(text) <= limits.CACHED_BYTES:
            self._recorder.keep(key, text)
