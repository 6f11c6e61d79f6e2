"""Any web service that asks for a key."""

from __future__ import annotations

from flowloft.core.provider import Offer, Provider


class WebService(Provider):
    """A key that HTTP requests send along, to its own address and to no other."""

    title = "Web service"
    key_env = "WEB_SERVICE_KEY"
    jobs = frozenset({"service"})

    def list_models(self) -> list[Offer]:
        """Returns the one thing that a connection to it gives: its key. Nobody is asked, as each service is
        asked in a way of its own."""
        return [Offer("key", job="service", title="Key")]
