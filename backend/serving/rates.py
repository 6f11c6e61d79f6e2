"""What computing costs, as people write it down: of an hour on a backend, of a million tokens trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend.serving.models import Rate


@dataclass(frozen=True, slots=True)
class Cost:
    """An amount of money; an estimate."""

    amount: float
    currency: str


def rates_of(user: Any) -> dict[str, Rate]:
    """Returns what a person has written, by place."""
    return {row.place: row for row in Rate.objects.filter(owner=user.pk)}


def rate_set(*, user: Any, place: str, currency: str, amount: float | None) -> None:
    """Writes down what a place costs; without an amount it is unknown again."""
    if amount is None:
        Rate.objects.filter(owner=user.pk, place=place).delete()
        return
    changed = {"currency": currency, "amount": amount}
    Rate.objects.update_or_create(owner=user, place=place, defaults=changed)


def cost_of(rate: Rate | None, units: float) -> Cost | None:
    """Returns what so many hours, or millions of tokens, cost; None where nobody wrote it down."""
    return Cost(rate.amount * units, rate.currency) if rate is not None else None
