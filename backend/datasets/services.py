"""What can be done with datasets."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max
from flowloft.core.errors import InputError
from flowloft.tuning.data import Example, Report, measure, read_examples

from backend.common.errors import ApiError
from backend.common.objects import object_for
from backend.datasets.models import Dataset, DatasetVersion

LARGEST = 512 << 20
"""Bytes of an upload."""
SHOWN = 20
"""Examples in a preview."""


def folder() -> Path:
    """Returns where examples lie; made when it is first asked for."""
    place = Path(settings.DATA) / "datasets"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def examples_file(version: DatasetVersion) -> Path:
    """Returns the file of a version: JSONL in the one form that trainers read."""
    return folder() / f"{version.sha256}.jsonl"


def examples_of(version: DatasetVersion, limit: int | None = None) -> list[Example]:
    """Returns the examples of a version, or its first ones.

    Raises:
        ApiError: 410 ``examples_gone``: somebody removed the file.
    """
    try:
        with examples_file(version).open("rb") as file:
            return [json.loads(line) for _, line in zip(range(limit or version.examples), file, strict=False)]
    except FileNotFoundError:
        raise ApiError(
            410, "examples_gone", "The examples of this version are gone from the disk.", "Upload them again."
        ) from None


def dataset_add(
    *, user: Any, file: Path, file_name: str, name: str = "", dataset_id: Any = None, leave_out: bool = False
) -> DatasetVersion:
    """Reads a file and keeps it as a new dataset, or as the next version of one.

    Args:
        file: What was uploaded; ``file_name`` says by its ending how to read it.
        name: Of a new dataset; the file's where empty.
        leave_out: Whether broken rows are left out instead of refused.

    Raises:
        InputError: ``unreadable_dataset``, or ``broken_rows`` with the rows in ``extra``.
        ApiError: 404; 409 ``name_taken``.
    """
    dataset = object_for(user, Dataset, dataset_id) if dataset_id else None
    report = _read(file, file_name)
    _require_whole(report, leave_out=leave_out)
    digest = _keep(report.examples)
    facts = measure(report.examples, None)
    try:
        with transaction.atomic():
            if dataset is None:
                dataset = Dataset.objects.create(owner=user, name=(name or Path(file_name).stem)[:100])
            newest = dataset.versions.aggregate(newest=Max("number"))["newest"] or 0
            return DatasetVersion.objects.create(
                dataset=dataset,
                number=newest + 1,
                sha256=digest,
                file_name=file_name[:200],
                examples=facts.examples,
                left_out=report.broken,
                objective=facts.objective,
                tokens=int(facts.mean * facts.examples),
                longest=facts.longest,
            )
    except IntegrityError:
        raise ApiError(
            409, "name_taken", "A dataset of yours has this name already.", "Choose another.", path="/name"
        ) from None


def examples_check(file: Path) -> None:
    """Reads a file of examples and keeps nothing.

    Raises:
        InputError: ``unreadable_dataset``, or ``broken_rows`` at the first row that is none.
    """
    _require_whole(read_examples(file), leave_out=False)


def _require_whole(report: Report, *, leave_out: bool) -> None:
    if report.broken and (not leave_out or not report.examples):
        first = report.remarks[0]
        raise InputError(
            f"Row {first.row} can't be used. {first.message}",
            code="broken_rows",
            hint=f"Rows that can't be used: {report.broken}. Correct them, or leave them out.",
            extra={
                "path": f"/{first.row}",
                "broken": report.broken,
                "usable": len(report.examples),
                "rows": [{"row": one.row, "message": one.message} for one in report.remarks],
            },
        )


def _read(file: Path, file_name: str) -> Report:
    # The ending of the name says how to read it; the upload itself has none.
    named = file.with_name(f"{file.name}-{Path(file_name).suffix.lower()}")
    os.link(file, named)
    try:
        return read_examples(named)
    finally:
        named.unlink()


def _keep(examples: list[Example]) -> str:
    total = hashlib.sha256()
    part = folder() / f".{os.getpid()}-{id(examples)}.part"
    with part.open("wb") as out:
        for example in examples:
            line = json.dumps(example, ensure_ascii=False, sort_keys=True).encode() + b"\n"
            total.update(line)
            out.write(line)
    part.replace(folder() / f"{total.hexdigest()}.jsonl")
    return total.hexdigest()
