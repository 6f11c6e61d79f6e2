"""Where imported things came from."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from backend.exports.models import Origin


def origin_keep(*, owner: Any, type: str, object_id: uuid.UUID, key: uuid.UUID) -> None:
    """Notes under which key a thing came in."""
    Origin.objects.create(owner=owner, type=type, object_id=object_id, key=key)


def origin_keys(*, owner: Any, type: str, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Returns under which key each thing goes out: the one that it came with, or its id."""
    wanted = list(ids)
    came = Origin.objects.filter(owner=owner, type=type, object_id__in=wanted)
    known = dict(came.values_list("object_id", "key"))
    return {id_: known.get(id_, id_) for id_ in wanted}


def origin_ids(*, owner: Any, type: str, key: uuid.UUID) -> list[uuid.UUID]:
    """Returns the ids that a thing with this key may have here: its own, and those it got on coming in."""
    came = Origin.objects.filter(owner=owner, type=type, key=key).values_list("object_id", flat=True)
    return [key, *came]
