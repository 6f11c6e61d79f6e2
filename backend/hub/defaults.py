"""Which model a person takes for a job where nothing else is said."""

from __future__ import annotations

from typing import Any

from flowloft.core.errors import InputError
from flowloft.core.models import CHOSEN

from backend.hub.models import ModelDefaults

JOBS = ("chat", "embedding", "rerank")


def chosen_model(owner_id: Any, ref: str) -> str:
    """Returns the model that ``default/<job>`` stands for; empty where there is none for the job."""
    row = ModelDefaults.objects.filter(owner_id=owner_id).first()
    return (getattr(row, ref.partition("/")[2], "") if row else "") or CHOSEN[ref]


def defaults_of(owner_id: Any) -> dict[str, str]:
    """Returns the model of each job, as a reference; empty for none."""
    return {job: chosen_model(owner_id, f"default/{job}") for job in JOBS}


def defaults_set(*, user: Any, given: dict[str, str], offered: dict[str, str]) -> dict[str, str]:
    """Chooses models.

    Args:
        given: References by job; an empty one goes back to the built-in model.
        offered: Jobs by reference, of what the person can choose.

    Raises:
        InputError: ``unknown_model``: there is no such model, or it is for another job.
    """
    for job, ref in given.items():
        if ref and (ref in CHOSEN or offered.get(ref) != job):
            raise InputError(
                f"“{ref}” is no {job} model that you can use.",
                code="unknown_model",
                hint="Choose one of the list of models.",
                extra={"path": f"/{job}"},
            )
    ModelDefaults.objects.update_or_create(owner=user, defaults=given)
    return defaults_of(user.pk)
