"""From rows to what the runtime works with: backends with their secrets, jobs with theirs."""

from __future__ import annotations

import json
from typing import Any

from flowloft.core.backend import BACKENDS, Backend
from flowloft.core.errors import BackendError, InputError
from flowloft.core.job import Job
from pydantic import ValidationError

from backend.common.crypt import UnreadableError, seal, unseal
from backend.common.errors import spec_problems
from backend.compute.models import BackendEntry, ComputeJob


def secret_names(kind: str) -> set[str]:
    """Returns the settings of a kind that go in and never come out."""
    return {
        name
        for name, field in BACKENDS.get(kind).model_fields.items()
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("x-widget") == "secret"
    }


def checked(kind: str, given: dict[str, Any], at: str = "/settings") -> Backend:
    """Returns the backend with these settings.

    Raises:
        InputError: 400 with the path of each field that does not fit.
    """
    try:
        return BACKENDS.get(kind).model_validate(given)
    except ValidationError as error:
        problems = spec_problems(error, tuple(at.strip("/").split("/")))
        raise InputError(
            f"{problems[0]['path']}: {problems[0]['message']}",
            code="invalid_input",
            hint="Correct the named place and send again.",
            extra={"path": problems[0]["path"], "problems": problems},
        ) from None


def _bound_to(entry: BackendEntry) -> str:
    return f"{entry.pk}|{entry.kind}|{entry.settings.get('server', '')}"


def secrets_of(entry: BackendEntry) -> dict[str, str]:
    """Returns the secret settings in the clear; none where they were given for another address."""
    if not entry.sealed:
        return {}
    try:
        return dict(json.loads(unseal(entry.sealed, _bound_to(entry))))
    except UnreadableError:
        return {}


def secrets_keep(entry: BackendEntry, values: dict[str, str]) -> None:
    """Seals secret settings for the kind and address that the entry names now."""
    kept = {name: value for name, value in values.items() if value}
    entry.sealed = seal(json.dumps(kept), _bound_to(entry)) if kept else ""


def place_of(entry: BackendEntry) -> Backend:
    """Returns the backend that a row describes.

    Raises:
        BackendError: Its settings do not fit any more, as after an update.
    """
    try:
        return checked(entry.kind, {**entry.settings, **secrets_of(entry)})
    except InputError as error:
        raise BackendError(
            f"The settings of the backend “{entry.name}” do not fit: {error.message}",
            permanent=True,
            code="backend_not_set_up",
            hint="Open it on the page Compute and correct them.",
        ) from error


def _job_bound_to(job: ComputeJob) -> str:
    return f"job|{job.pk}"


def job_keep(row: ComputeJob, job: Job) -> None:
    """Puts the runtime's job into a row, its secrets sealed."""
    row.name = job.name
    row.spec = job.model_dump(mode="json", exclude={"secrets", "ticket"}, exclude_defaults=True)
    clear = {name: value.get_secret_value() for name, value in job.secrets.items()}
    row.sealed = seal(json.dumps(clear), _job_bound_to(row)) if clear else ""


def job_of(row: ComputeJob) -> Job:
    """Returns the runtime's job of a row, with its secrets as long as they are kept.

    Raises:
        BackendError: The studio's key is not the one they were sealed with.
    """
    try:
        clear = json.loads(unseal(row.sealed, _job_bound_to(row))) if row.sealed else {}
    except UnreadableError as error:
        raise BackendError(
            "The secrets of this job cannot be read any more.",
            permanent=True,
            code="secrets_unreadable",
            hint="The studio's encryption key has changed; start it again.",
        ) from error
    return Job(**row.spec, secrets=clear, ticket=row.ticket)
