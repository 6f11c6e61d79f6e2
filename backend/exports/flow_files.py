"""One flow as one file."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from flowloft.codegen.files import FORMATS, SUFFIXES, FileFormat, read_flow, write_flow
from flowloft.codegen.shareable import restored
from flowloft.core.findings import Finding
from flowloft.core.spec import FlowSpec

from backend.common.errors import ApiError
from backend.flows.documents import check
from backend.flows.models import Flow
from backend.flows.services import document_of
from backend.flows.subflows import OwnFlows

MEDIA_TYPES: dict[FileFormat, str] = {
    "json": "application/json",
    "yaml": "application/yaml",
    "python": "text/x-python",
}
_UNSAFE = re.compile(r'[\x00-\x1f\x7f\\/:*?"<>|\u202a-\u202e\u2066-\u2069]+')
"""What a file name can't hold on some system, or what would make it read as another."""
_LONGEST_NAME = 100


@dataclass(frozen=True)
class FlowFile:
    """The bytes of a file, its name and what tells it from another."""

    name: str
    media_type: str
    content: bytes

    @property
    def etag(self) -> str:
        """Strong: equal bytes have equal tags."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:32]}"'


def flow_export(*, user: Any, flow_id: Any, format: str, version: str) -> FlowFile:
    """Writes a flow as a file.

    Raises:
        ApiError: 400 for an unknown format or version; 404; 409 ``not_published``.
        FlowError: ``cannot_export``.
    """
    wanted = next((known for known in FORMATS if known == format), None)
    if wanted is None:
        raise _unknown("format", format, f"There are: {', '.join(FORMATS)}.")
    flow, spec = spec_of(user=user, flow_id=flow_id, version=version)
    text = write_flow(spec, wanted, title=flow.name)
    return FlowFile(file_name(flow.name) + SUFFIXES[wanted], MEDIA_TYPES[wanted], text.encode())


def spec_of(*, user: Any, flow_id: Any, version: str) -> tuple[Flow, FlowSpec]:
    """Returns a flow and what its draft, published or numbered version says.

    Raises:
        ApiError: As :func:`flow_export`.
    """
    number = version.isascii() and version.isdigit() and len(version) < 10
    if version not in ("draft", "published") and not number:
        raise _unknown("version", version, "There are: draft, published, or the number of a version.")
    flow, document, frozen = document_of(
        user=user, flow_id=flow_id, version=int(version) if number else version
    )
    # A version holds the flows that it runs; those of the draft are as they are now.
    return flow, check(document, OwnFlows(user) if frozen is None else None).spec


def source_read(*, user: Any, flow_id: Any, source: str) -> tuple[dict[str, Any], list[Finding]]:
    """Reads Python source as what the draft of a flow would be then. Nothing is executed, nothing is saved.

    What a file leaves out, secret settings and pinned outputs, is taken from the draft, for nodes that are
    still of the same kind.

    Returns:
        The document, and what of the source could not be drawn as it is, then the compiler's remarks.

    Raises:
        FlowError: ``cannot_import``, with ``extra["line"]``; or it is no flow that could be saved.
        ApiError: 404; 413 ``too_large``.
    """
    _, draft, _ = document_of(user=user, flow_id=flow_id, version="draft")
    told: list[Finding] = []
    read = read_flow(source, "python", told)
    found = check(read, OwnFlows(user))
    return restored(found.document, draft), [*told, *found.findings]


def _unknown(parameter: str, given: str, hint: str) -> ApiError:
    return ApiError(
        400, "invalid_input", f"“{given[:80]}” is no {parameter} of an export.", hint, path=f"/{parameter}"
    )


def file_name(name: str) -> str:
    """Returns a name that every system can hold."""
    return _UNSAFE.sub("-", name)[:_LONGEST_NAME].strip(" .-") or "flow"
