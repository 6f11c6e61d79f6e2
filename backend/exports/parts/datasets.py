"""Datasets, named by id or by the flows: the newest version of each."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

from flowloft.bundle import Archive
from flowloft.bundle.manifest import file_stem
from flowloft.core.errors import FlowloftError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.common.objects import object_for, objects_of
from backend.datasets.models import Dataset, DatasetVersion
from backend.datasets.services import dataset_add, examples_check, examples_file
from backend.exports import limits
from backend.exports.origins import origin_ids, origin_keep, origin_keys
from backend.exports.part import Incoming, Options, Outgoing, Part, Piece

WIDGET = "dataset"


class DatasetOptions(Options):
    """Which datasets go out."""

    ids: list[uuid.UUID] = Field(default_factory=list, max_length=100)
    """Besides those that the flows name."""


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    key: uuid.UUID
    name: str = Field(min_length=1, max_length=100)
    path: str = Field(min_length=1, max_length=300)


class Datasets(Part):
    """Each as the examples of its newest version, one a line."""

    title = "Datasets"
    order = 25
    options = DatasetOptions

    def __init__(self) -> None:
        self._entries: list[tuple[_Entry, Dataset | None]] = []

    def collect(self, going: Outgoing, options: DatasetOptions) -> None:
        found = {one: object_for(going.user, Dataset, one) for one in options.ids}
        for ref in going.references.get(WIDGET, []):
            asked = _mine(going.user, ref)
            if asked is None:
                going.warnings.append("A dataset that is named is not there any more.")
            else:
                found[asked.pk] = asked
        if found and not going.archive:
            names = ", ".join(f"“{one.name}”" for one in found.values())
            going.warnings.append(f"Only an archive holds datasets: {names} stay here.")
            return
        keys = origin_keys(owner=going.user, type=WIDGET, ids=found)
        entries: list[dict[str, str]] = []
        stems: list[str] = []
        for id_, one in sorted(found.items(), key=lambda item: str(keys[item[0]])):
            newest = one.versions.first()
            if newest is None or not (place := examples_file(newest)).exists():
                going.warnings.append(f"The examples of “{one.name}” are gone from the disk.")
                continue
            stems.append(file_stem(one.name, stems))
            path = f"datasets/{stems[-1]}.jsonl"
            entries.append({"key": str(keys[id_]), "name": one.name, "path": path})
            going.pieces.append(Piece(path, place.stat().st_size, newest.sha256, partial(_opened, place)))
        if entries:
            going.parts["datasets"] = entries

    def read(self, coming: Incoming) -> None:
        told = coming.manifest_part("datasets")
        for number, raw in enumerate(told if isinstance(told, list) else []):
            try:
                entry = _Entry.model_validate(raw)
            except ValidationError as error:
                message = error.errors(include_url=False, include_input=False)[0]["msg"]
                path = f"manifest.json#/parts/datasets/{number}"
                coming.issues.append({"path": path, "code": "invalid", "message": message})
                continue
            try:
                with _unpacked(coming.archive, entry.path) as file:
                    examples_check(file)
            except FlowloftError as error:
                place = f"{entry.path}#{error.extra.get('path', '')}"
                coming.issues.append({"path": place, "code": error.error_code, "message": error.message})
                continue
            existing = _existing(coming.user, entry.key)
            self._entries.append((entry, existing))
            if existing is not None:
                coming.conflicts.append({**_said(entry), "id": str(existing.pk), "name": existing.name})

    def apply(self, coming: Incoming) -> None:
        ids = coming.ids.setdefault(WIDGET, {})
        for entry, existing in self._entries:
            if existing is not None and coming.conflict == "skip":
                ids[str(entry.key)] = str(existing.pk)
                note = "It is here already, and stays as it is."
                coming.skipped.append({**_said(entry), "id": str(existing.pk), "note": note})
            elif existing is not None and coming.conflict != "copy":
                version = None if coming.dry_run else _added(coming, entry, dataset_id=existing.pk)
                ids[str(entry.key)] = str(existing.pk)
                note = f"Version {version.number}." if version else "Its next version."
                coming.updated.append({**_said(entry), "id": str(existing.pk), "note": note})
            else:
                name = _free(coming.user, entry.name, copy=existing is not None)
                made = None if coming.dry_run else _added(coming, entry, name=name).dataset
                if made is not None:
                    ids[str(entry.key)] = str(made.pk)
                    if existing is None:
                        origin_keep(owner=coming.user, type=WIDGET, object_id=made.pk, key=entry.key)
                id_ = str(made.pk) if made else None
                coming.created.append({**_said(entry), "name": name, "id": id_, "note": ""})


def _opened(place: Path) -> IO[bytes]:
    return place.open("rb")


def _said(entry: _Entry) -> dict[str, Any]:
    return {"type": WIDGET, "key": str(entry.key), "path": entry.path, "name": entry.name}


def _added(coming: Incoming, entry: _Entry, **where: Any) -> DatasetVersion:
    with _unpacked(coming.archive, entry.path) as file:
        return dataset_add(user=coming.user, file=file, file_name=Path(entry.path).name, **where)


@contextmanager
def _unpacked(archive: Archive | None, path: str) -> Iterator[Path]:
    if archive is None:
        raise ValueError("a text has no parts")
    with (
        tempfile.NamedTemporaryFile(dir=limits.folder(), suffix=".jsonl") as file,
        archive.open(path) as source,
    ):
        while piece := source.read(1024 * 1024):
            file.write(piece)
        file.flush()
        yield Path(file.name)


def _mine(user: Any, id: Any) -> Dataset | None:
    try:
        key = uuid.UUID(str(id))
    except ValueError:
        return None
    return objects_of(user, Dataset).filter(pk=key).first()


def _existing(user: Any, key: uuid.UUID) -> Dataset | None:
    here = objects_of(user, Dataset).filter(pk__in=origin_ids(owner=user, type=WIDGET, key=key))
    return here.order_by("-created_at").first()


def _free(user: Any, name: str, *, copy: bool) -> str:
    """Returns a name that no dataset of the person has; a dataset has its name alone."""
    taken = {one.casefold() for one in objects_of(user, Dataset).values_list("name", flat=True)}
    wanted = f"{name[:90]} (copy)" if copy else name
    number = 1
    while wanted.casefold() in taken:
        number += 1
        wanted = f"{name[:90]} ({number})"
    return wanted
