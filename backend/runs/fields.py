"""JSON kept as text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    _Text = models.Field[Any, Any]
else:
    _Text = models.TextField


class JsonTextField(_Text):
    """Any JSON value, stored as text.

    What a model or a server answers may hold NUL or half a surrogate pair: PostgreSQL refuses them
    in ``jsonb``, but not as escapes in text. Nothing is ever searched in these columns.
    """

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        return None if value is None else json.loads(value)

    def to_python(self, value: Any) -> Any:
        return value

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, separators=(",", ":"))

    def value_to_string(self, obj: models.Model) -> str:
        return json.dumps(self.value_from_object(obj))
