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
from flowloft.core.errors import FlowloftError
from pydantic import Field

from backend.common.objects import objects_of
from backend.datasets.models import Dataset, DatasetVersion
from backend.datasets.services import dataset_add, examples_check, examples_file
from backend.exports import limits
from backend.exports.keyed import Entry, Keyed
from backend.exports.origins import origin_keep
from backend.exports.part import Incoming, Options, Outgoing, Part, Piece


class DatasetOptions(Options):
    """Which datasets go out."""

    ids: list[uuid.UUID] = Field(default_factory=list, max_length=100)
    """Besides those that the flows name."""


class _Entry(Entry):
    name: str = Field(min_length=1, max_length=100)


DATASETS = Keyed(
    widget="dataset",
    part="datasets",
    model=Dataset,
    there=lambda user: objects_of(user, Dataset),
    gone="A dataset that is named is not there any more.",
    path="datasets/{}.jsonl",
    entry=_Entry,
)


class Datasets(Part):
    """Each as the examples of its newest version, one a line."""

    title = "Datasets"
    order = 25
    options = DatasetOptions

    def __init__(self) -> None:
        self._entries: list[tuple[Entry, Dataset | None]] = []

    def collect(self, going: Outgoing, options: DatasetOptions) -> None:
        found = DATASETS.asked(going, options.ids)
        if found and not going.archive:
            names = ", ".join(f"“{one.name}”" for one in found.values())
            going.warnings.append(f"Only an archive holds datasets: {names} stay here.")
            return
        entries: list[dict[str, Any]] = []
        for one, entry in DATASETS.going(going, found):
            newest = one.versions.first()
            if newest is None or not (place := examples_file(newest)).exists():
                going.warnings.append(f"The examples of “{one.name}” are gone from the disk.")
                continue
            entries.append(entry.model_dump(mode="json"))
            going.pieces.append(
                Piece(entry.path, place.stat().st_size, newest.sha256, partial(_opened, place))
            )
        if entries:
            going.parts[DATASETS.part] = entries

    def read(self, coming: Incoming) -> None:
        for entry in DATASETS.coming(coming):
            try:
                with _unpacked(coming.archive, entry.path) as file:
                    examples_check(file)
            except FlowloftError as error:
                place = f"{entry.path}#{error.extra.get('path', '')}"
                coming.issues.append({"path": place, "code": error.error_code, "message": error.message})
                continue
            self._entries.append((entry, DATASETS.here(coming, entry)))

    def apply(self, coming: Incoming) -> None:
        ids = coming.ids.setdefault(DATASETS.widget, {})
        for entry, existing in self._entries:
            if existing is not None and coming.conflict == "skip":
                ids[str(entry.key)] = str(existing.pk)
                note = "It is here already, and stays as it is."
                coming.skipped.append({**DATASETS.said(entry), "id": str(existing.pk), "note": note})
            elif existing is not None and coming.conflict != "copy":
                version = None if coming.dry_run else _added(coming, entry, dataset_id=existing.pk)
                ids[str(entry.key)] = str(existing.pk)
                note = f"Version {version.number}." if version else "Its next version."
                coming.updated.append({**DATASETS.said(entry), "id": str(existing.pk), "note": note})
            else:
                name = _free(coming.user, entry.name, copy=existing is not None)
                made = None if coming.dry_run else _added(coming, entry, name=name).dataset
                if made is not None:
                    ids[str(entry.key)] = str(made.pk)
                    if existing is None:
                        origin_keep(owner=coming.user, type=DATASETS.widget, object_id=made.pk, key=entry.key)
                id_ = str(made.pk) if made else None
                coming.created.append({**DATASETS.said(entry), "name": name, "id": id_, "note": ""})


def _opened(place: Path) -> IO[bytes]:
    return place.open("rb")


def _added(coming: Incoming, entry: Entry, **where: Any) -> DatasetVersion:
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


def _free(user: Any, name: str, *, copy: bool) -> str:
    """Returns a name that no dataset of the person has; a dataset has its name alone."""
    taken = {one.casefold() for one in objects_of(user, Dataset).values_list("name", flat=True)}
    wanted = f"{name[:90]} (copy)" if copy else name
    number = 1
    while wanted.casefold() in taken:
        number += 1
        wanted = f"{name[:90]} ({number})"
    return wanted
