"""What the calls of known vendors cost, by a library that keeps their price lists."""

from __future__ import annotations

import functools
from typing import Any

from flowloft.core.prices import Price


@functools.lru_cache(maxsize=4096)
def known_price(vendor: str, model: str) -> Price | None:
    """Returns the price of a vendor's model as it is now; None where the library has none.

    Where long inputs cost more, it is the price of short ones.

    Source: https://github.com/pydantic/genai-prices
    """
    if not vendor or not model:
        return None
    try:
        import genai_prices
    except ImportError:  # a script without it just knows no prices
        return None
    usage = genai_prices.Usage(input_tokens=1, output_tokens=1)
    try:
        now = genai_prices.calc_price(usage, model, provider_id=vendor).model_price
    except LookupError:
        return None
    read = _base(now.input_mtok)
    if read is None:
        return None
    return Price(
        "USD",
        input=read,
        output=_base(now.output_mtok) or 0.0,
        cached=_base(now.cache_read_mtok),
        source=f"genai-prices {genai_prices.__version__}",
    )


def _base(price: Any) -> float | None:
    return None if price is None else float(getattr(price, "base", price))
