"""From what was asked for to the files of an export."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from typing import Any

from flowloft.bundle import Manifest, Tree
from flowloft.bundle.docker import write_context
from flowloft.bundle.manifest import MANIFEST, FileEntry
from flowloft.bundle.needs import requirements
from flowloft.bundle.project import COMPONENTS, ProjectFlow, write_project
from pydantic import ValidationError

from backend.common.errors import ApiError, pointer
from backend.exports.part import Outgoing, Piece, parts_in_order
from backend.exports.states import Form

Told = Callable[[int], None]


def collect(*, user: Any, request: dict[str, Any]) -> Outgoing:
    """Finds everything that a request names, in the person's name.

    Raises:
        ApiError: 400 for an unknown part or option, with its path; 404; 409 ``not_published``.
        FlowError: ``cannot_export``.
    """
    going = Outgoing(
        user=user,
        flows=[(uuid.UUID(str(flow["id"])), flow["version"]) for flow in request["flows"]],
        with_subflows=request["with_subflows"],
        archive=request["form"] == Form.ARCHIVE,
    )
    members = parts_in_order()
    asked = request["parts"]
    if unknown := sorted(set(asked) - {key for key, _ in members}):
        raise _bad(("parts", unknown[0]), f"There is no part “{unknown[0]}”.", _known(members))
    for key, part in members:
        part.collect(going, _options(key, part.options, asked.get(key, {})))
    return going


def _options(key: str, options: Any, given: Any) -> Any:
    try:
        return options.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise _bad(("parts", key, *first["loc"]), first["msg"], "") from None


def _known(members: list[tuple[str, Any]]) -> str:
    return f"There are: {', '.join(key for key, _ in members)}."


def _bad(path: tuple[Any, ...], message: str, hint: str) -> ApiError:
    return ApiError(400, "invalid_input", message, hint, path=pointer(path))


def fingerprint(going: Outgoing, form: str) -> str:
    """Returns a digest that is equal for exports of equal content."""
    told = {
        "form": form,
        "flows": [one.entry.model_dump() for one in going.found],
        "parts": going.parts,
        "pieces": sorted((piece.path, piece.mark) for piece in going.pieces),
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def build(tree: Tree, going: Outgoing, form: str, told: Told) -> list[str]:
    """Fills a tree; returns further warnings.

    Args:
        told: Called with the bytes written so far; what it raises ends the building.
    """
    if form == Form.ARCHIVE:
        _add(tree, going.pieces, told)
        tree.add(MANIFEST, _manifest(tree.files, going).text())
        return []
    code = [piece for piece in going.pieces if piece.path.startswith(f"{COMPONENTS}/")]
    _add(tree, code, told)
    # A flow that is called lies inside the one that calls it.
    flows = [ProjectFlow(one.entry.name, one.spec) for one in going.found]
    write = write_context if form == Form.DOCKER_CONTEXT else write_project
    written = write(tree, flows, components=bool(code))
    told(tree.size)
    return written.warnings


def _add(tree: Tree, pieces: list[Piece], told: Told) -> None:
    for piece in pieces:
        if isinstance(piece.content, bytes):
            tree.add(piece.path, piece.content)
        else:
            with piece.content() as source:
                tree.copy(piece.path, source)
        told(tree.size)


def _manifest(files: dict[str, FileEntry], going: Outgoing) -> Manifest:
    return Manifest(
        flows=sorted((one.entry for one in going.found), key=lambda entry: entry.key),
        parts=going.parts,
        requirements=requirements([one.spec for one in going.found]),
        files=dict(files),
    )
