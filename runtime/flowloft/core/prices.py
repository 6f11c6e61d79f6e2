"""What calls cost: a price per model, and the sum that a call's usage makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

COST = "cost_"
"""Before the currency in the name of a cost among other usage: ``cost_usd``."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs.

    Attributes:
        currency: Three letters, as ``USD`` or ``CNY``.
        input: For a million tokens that it reads.
        output: For a million tokens that it writes.
        cached: For a million tokens read that it had read before; None where that makes no difference.
        source: Who says so.
        date: Day on which it was looked up, as YYYY-MM-DD; empty where the source has no date.
    """

    currency: str
    input: float
    output: float = 0.0
    cached: float | None = None
    source: str = ""
    date: str = ""

    def cost(self, usage: Mapping[str, float]) -> dict[str, float]:
        """Returns what a call cost, as one more entry of its usage.

        Args:
            usage: ``prompt_tokens``, of which ``cached_tokens``, and ``completion_tokens``.

        Example:
            >>> Price("USD", 2.0, 8.0).cost({"prompt_tokens": 500_000, "completion_tokens": 250_000})
            {'cost_usd': 3.0}
        """
        read, cached = usage.get("prompt_tokens", 0), usage.get("cached_tokens", 0)
        cheaper = self.input if self.cached is None else self.cached
        millionths = (read - cached) * self.input + cached * cheaper
        millionths += usage.get("completion_tokens", 0) * self.output
        return {f"{COST}{self.currency.lower()}": round(millionths / 1e6, 9)}


def price_of(given: Mapping[str, Any]) -> Price:
    """Reads a price from plain data."""
    return Price(**{name: given[name] for name in Price.__slots__ if name in given})
