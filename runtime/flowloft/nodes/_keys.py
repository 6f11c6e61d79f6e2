"""A key that a node sends along: kept apart from the flow, and for one address."""

from __future__ import annotations

from flowloft.core.context import Connection, Context
from flowloft.core.errors import FlowError
from flowloft.core.fetch import origin
from flowloft.core.provider import connection_of


def key_for(ctx: Context, ref: str, url: str) -> Connection:
    """Returns the connection that holds a key; one without a key where none is chosen.

    Args:
        ref: What the setting says; empty for none.
        url: Where it is to be sent.

    Raises:
        FlowError: It is kept for another address (``key_of_another_host``), or is empty (``no_key``).
    """
    if not ref:
        return Connection(provider="web_service", name="")
    known = connection_of(ctx, ref)
    if origin(url) != origin(known.base_url):
        raise FlowError(
            f"The key “{known.name}” is kept for {known.base_url or 'its vendor'} and is sent nowhere else.",
            code="key_of_another_host",
            hint="Correct the address, or choose a key that was kept for it.",
        )
    if not known.any_key():
        raise FlowError(
            f"There is no key kept for “{known.name}”.",
            code="no_key",
            hint="Enter it again on the page Models.",
        )
    return known
