"""The one permission question: may this person have this object? Ids inside bodies ask it too."""

from __future__ import annotations

import uuid
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from backend.common.errors import not_found

M = TypeVar("M", bound=Model)


def objects_of(user: Any, model: type[M]) -> QuerySet[M]:
    """Returns what a person may see of a model.

    The model names the way to its owner in ``owner_path``, for instance ``"flow__owner"``; a model
    without one belongs to nobody and cannot be asked for. A model with things that several people
    use says which in ``visible_to(user)``.
    """
    return model._default_manager.filter(_permitted(user, model))


def _permitted(user: Any, model: type[Model]) -> Q:
    if rule := getattr(model, "visible_to", None):
        return Q(rule(user))
    return Q(**{model.owner_path: user.pk})  # type: ignore[attr-defined]


def object_for(
    user: Any, model: type[M], id: Any, queryset: QuerySet[M] | None = None, *, look: bool = False
) -> M:
    """Returns the object, when it is there and the person's own.

    Args:
        user: Who asks; signed in.
        model: A model with ``owner_path``.
        id: Its id as it came, from the address or out of a body.
        queryset: To select or lock more; its filters stay.
        look: Whether it is only looked at: a model whose things are shown to others says to whom in
            ``shown_to(user)``.

    Raises:
        ApiError: 404 ``not_found``, the same for nothing, for nonsense and for somebody else's.
    """
    try:
        key = id if isinstance(id, uuid.UUID | int) and not isinstance(id, bool) else uuid.UUID(str(id))
    except ValueError:
        raise not_found() from None
    permitted = _permitted(user, model)
    if look and (rule := getattr(model, "shown_to", None)):
        permitted |= rule(user)
    mine = (model._default_manager.all() if queryset is None else queryset).filter(permitted)
    found = mine.filter(pk=key).first()
    if found is None:
        raise not_found()
    return found
