"""What models cost: the provider's data, and what a person has written over them."""

from __future__ import annotations

from typing import Any

from flowloft.core.errors import InputError
from flowloft.core.prices import Price
from flowloft.core.provider import PROVIDERS

from backend.hub.models import ModelPrice

OWN = "own"
"""Source of a price that the person wrote."""


def price_known(provider: str, model: str) -> Price | None:
    """Returns the price by the provider's data."""
    return PROVIDERS.get(provider).price_of(model) if provider in PROVIDERS else None


def prices_of(owner_id: Any) -> dict[tuple[str, str], Price]:
    """Returns what a person has written, by provider and model."""
    rows = ModelPrice.objects.filter(owner_id=owner_id)
    return {(row.provider, row.model): price_shown(row) for row in rows}


def price_shown(row: ModelPrice) -> Price:
    """Returns a row as the runtime takes it."""
    day = row.updated_at.date().isoformat()
    return Price(row.currency, row.input, row.output, row.cached, source=OWN, date=day)


def price_for(owner_id: Any, provider: str, model: str) -> Price | None:
    """Returns what a call of a person costs; None where nobody knows."""
    row = ModelPrice.objects.filter(owner_id=owner_id, provider=provider, model=model).first()
    return price_shown(row) if row is not None else price_known(provider, model)


def price_set(*, user: Any, given: dict[str, Any]) -> ModelPrice:
    """Writes a price over the provider's data.

    Raises:
        InputError: ``unknown_provider``.
    """
    if given["provider"] not in PROVIDERS:
        raise InputError(
            f"There is no provider “{given['provider']}”.",
            code="unknown_provider",
            hint=f"There are: {', '.join(PROVIDERS.keys)}.",
            extra={"path": "/provider"},
        )
    place = {"provider": given["provider"], "model": given["model"]}
    rest = {name: given[name] for name in ("currency", "input", "output", "cached")}
    row, _ = ModelPrice.objects.update_or_create(owner=user, **place, defaults=rest)
    return row
