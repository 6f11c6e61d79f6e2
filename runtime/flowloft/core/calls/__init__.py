"""How a served module is called: plain JSON or server-sent events, from a server that is not trusted."""

from flowloft.core.calls.address import Address, served, shown
from flowloft.core.calls.caller import Caller

__all__ = ["Address", "Caller", "served", "shown"]
