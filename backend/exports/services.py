"""What comes in as a file: one flow, or a whole archive. Nothing of it is executed."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from django.db import transaction
from flowloft.bundle import open_archive
from flowloft.bundle.needs import requirements
from flowloft.codegen.files import FileFormat, format_of, read_flow, title_of
from flowloft.core.spec import FlowSpec
from pydantic import ValidationError

from backend.common.errors import ApiError, pointer
from backend.common.objects import object_for, objects_of
from backend.exports import limits
from backend.exports.part import PARTS, Arrival, Conflict, Incoming, Missing, parts_in_order
from backend.flows.services import UNTITLED
from backend.hub.models import Connection
from backend.hub.services import BUILTIN


def import_text(
    *, user: Any, content: str, format: FileFormat | None = None, name: str = "", **how: Any
) -> dict[str, Any]:
    """Makes a flow of the text of a file; as :func:`import_archive` otherwise.

    Raises:
        FlowError: What can't be read, with ``extra`` ``line`` or ``path``.
    """
    format = format or format_of(content)
    document = read_flow(content, format)
    if not name and format == "python":
        name = title_of(content)[:200]
    arrival = Arrival(None, name or UNTITLED, "", "", document)
    return _import(user=user, coming_of=[arrival], archive=None, **how)


def import_archive(*, user: Any, place: Path, **how: Any) -> dict[str, Any]:
    """Imports an archive in one transaction.

    Args:
        place: The file.
        how: ``dry_run``: say what would happen and change nothing; ``conflict``: what becomes of
            what is here already; ``missing``: whether a flow may lack something here; ``bindings``:
            id of a connection by the logical name of a credential.

    Returns:
        ``created``, ``updated``, ``skipped``, ``warnings``, and ``needs``: credentials with the
        connection that each is bound to.

    Raises:
        InputError: ``unsafe_archive``.
        FlowError: ``broken_archive``.
        ApiError: 409 ``import_conflicts``; 422 ``import_issues``, ``import_lacks`` with paths; 404
            for a connection that is not the person's.
    """
    with open_archive(place, limits.ARCHIVE) as archive:
        arrivals = [
            Arrival(uuid.UUID(entry.key), entry.name, entry.description, entry.path, archive.flow(entry.path))
            for entry in archive.manifest.flows
        ]
        if len({arrival.key for arrival in arrivals}) != len(arrivals):
            raise _issues(
                [{"path": "manifest.json#/flows", "code": "twice", "message": "A flow is in it twice."}]
            )
        return _import(user=user, coming_of=arrivals, archive=archive, **how)


def _import(
    *,
    user: Any,
    coming_of: list[Arrival],
    archive: Any,
    dry_run: bool = False,
    conflict: Conflict = "fail",
    missing: Missing = "stub",
    bindings: dict[str, str] | None = None,
) -> dict[str, Any]:
    names = _credentials(coming_of)
    bound = _bound(user, names, bindings or {})
    coming = Incoming(
        user=user,
        archive=archive,
        arrivals=coming_of,
        conflict=conflict,
        dry_run=dry_run,
        bindings={name: one.name for name, one in bound.items() if one is not None},
    )
    members = [part for _, part in reversed(parts_in_order())]
    if archive is not None:
        unknown = sorted(set(archive.manifest.parts) - set(PARTS.keys))
        coming.warnings += [f"The part “{one}” is not known here and is left out." for one in unknown]
    for part in members:
        part.read(coming)
    if coming.issues:
        raise _issues(coming.issues)
    if coming.missing and missing == "fail":
        raise ApiError(
            422,
            "import_lacks",
            f"Something is missing here: {coming.missing[0]['message']}",
            "Add it, bind it, or import with missing=stub and mend the flow then.",
            path=coming.missing[0]["path"],
            issues=coming.missing,
        )
    if coming.conflicts and conflict == "fail":
        raise ApiError(
            409,
            "import_conflicts",
            f"“{coming.conflicts[0]['name']}” is here already.",
            "Choose what becomes of it: conflict=new_version, copy or skip.",
            conflicts=coming.conflicts,
        )
    with transaction.atomic():
        for part in members:
            part.apply(coming)
        if dry_run:
            transaction.set_rollback(True)
    return _told(coming, bound, dry_run=dry_run)


def _told(coming: Incoming, bound: dict[str, Connection | None], *, dry_run: bool) -> dict[str, Any]:
    created = [{**one, "id": None} for one in coming.created] if dry_run else coming.created
    return {
        "dry_run": dry_run,
        "created": created,
        "updated": coming.updated,
        "skipped": coming.skipped,
        "warnings": [*coming.warnings, *(one["message"] for one in coming.missing)],
        "conflicts": coming.conflicts,
        "credentials": [
            {"name": name, "connection": str(one.pk) if one else None} for name, one in bound.items()
        ],
    }


def _credentials(arrivals: list[Arrival]) -> list[str]:
    """Returns the logical names that the flows themselves use, whatever the manifest says."""
    specs = []
    for arrival in arrivals:
        try:
            specs.append(FlowSpec.model_validate(arrival.document))
        except ValidationError:
            # The part that reads flows says what is wrong with it.
            continue
    return requirements(specs).credentials


def _bound(user: Any, names: list[str], given: dict[str, str]) -> dict[str, Connection | None]:
    """Returns which connection of the person's stands for each name: the one given, else the namesake."""
    for name in given:
        if name not in names:
            raise ApiError(
                422,
                "import_issues",
                f"Nothing in the file uses a credential “{name}”.",
                f"It uses: {', '.join(names) or 'none'}.",
                path=pointer(["bindings", name]),
            )
    found: dict[str, Connection | None] = {}
    for name in names:
        if name in given:
            found[name] = object_for(user, Connection, given[name])
        elif name != BUILTIN:
            found[name] = objects_of(user, Connection).filter(name__iexact=name).first()
    return found


def _issues(issues: list[dict[str, Any]]) -> ApiError:
    return ApiError(
        422,
        "import_issues",
        f"It can't be imported: {issues[0]['message']}",
        "Mend what the issues name, or export it again.",
        path=issues[0]["path"],
        issues=issues[:100],
    )
