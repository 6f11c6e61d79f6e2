"""What parts share whose things are named by flows and found again by a key: knowledge bases, datasets."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from flowloft.bundle.manifest import file_stem
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.common.objects import object_for
from backend.exports.origins import origin_ids, origin_keys
from backend.exports.part import Incoming, Outgoing

M = TypeVar("M", bound=Model)


class Entry(BaseModel):
    """What the manifest says of one thing."""

    model_config = ConfigDict(extra="forbid")

    key: uuid.UUID
    name: str = Field(min_length=1, max_length=200)
    path: str = Field(min_length=1, max_length=300)


@dataclass(frozen=True)
class Keyed(Generic[M]):
    """One sort of thing.

    Attributes:
        widget: The form field by which flows name one.
        part: Its place in the manifest.
        model: Its model, with ``name`` and ``created_at``.
        there: Those of a person that are there.
        gone: Said where a flow names one that is not.
        path: Of its file in the archive, with ``{}`` for its name.
        entry: Its line in the manifest.
    """

    widget: str
    part: str
    model: type[M]
    there: Callable[[Any], QuerySet[M]]
    gone: str
    path: str
    entry: type[Entry] = Entry

    def asked(self, going: Outgoing, ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, M]:
        """Returns those named by id, which must be there, and those that the flows name."""
        there = self.there(going.user)
        found = {one: object_for(going.user, self.model, one, there) for one in ids}
        for ref in going.references.get(self.widget, []):
            try:
                named = there.filter(pk=uuid.UUID(str(ref))).first()
            except ValueError:
                named = None
            if named is None:
                going.warnings.append(self.gone)
            else:
                found[named.pk] = named
        return found

    def going(self, going: Outgoing, found: dict[uuid.UUID, M]) -> Iterator[tuple[M, Entry]]:
        """Yields each with its entry, in an order that stays."""
        keys = origin_keys(owner=going.user, type=self.widget, ids=found)
        stems: list[str] = []
        for id_, one in sorted(found.items(), key=lambda item: str(keys[item[0]])):
            name = str(one.name)  # type: ignore[attr-defined]
            stems.append(file_stem(name, stems))
            yield one, self.entry(key=keys[id_], name=name, path=self.path.format(stems[-1]))

    def coming(self, coming: Incoming) -> Iterator[Entry]:
        """Yields the entries of what comes in; what is none becomes an issue."""
        told = coming.manifest_part(self.part)
        for number, raw in enumerate(told if isinstance(told, list) else []):
            try:
                yield self.entry.model_validate(raw)
            except ValidationError as error:
                message = error.errors(include_url=False, include_input=False)[0]["msg"]
                path = f"manifest.json#/parts/{self.part}/{number}"
                coming.issues.append({"path": path, "code": "invalid", "message": message})

    def here(self, coming: Incoming, entry: Entry) -> M | None:
        """Returns the newest that came in with this key, or has it as its id; notes the conflict."""
        ids = origin_ids(owner=coming.user, type=self.widget, key=entry.key)
        existing = self.there(coming.user).filter(pk__in=ids).order_by("-created_at").first()
        if existing is not None:
            name = str(existing.name)  # type: ignore[attr-defined]
            coming.conflicts.append({**self.said(entry), "id": str(existing.pk), "name": name})
        return existing

    def said(self, entry: Entry) -> dict[str, Any]:
        """Returns an entry as the answer of an import names it."""
        return {"type": self.widget, "key": str(entry.key), "path": entry.path, "name": entry.name}
