"""How a served module is called: plain JSON or server-sent events, from a server that is not trusted."""

from flowloft.core.calls.address import Address, shown
from flowloft.core.calls.caller import Caller

__all__ = ["Address", "Caller", "shown"]
