"""What Flowloft serves somewhere else."""

from __future__ import annotations

from flowloft.core.calls import Address, Caller, served
from flowloft.core.provider import Offer, Provider


class ServedModule(Provider):
    """A `ServerModule`, a Server node or a flow that `flowloft serve` serves."""

    title = "Served module"
    key_env = "SERVED_MODULE_KEY"
    needs_key = False
    jobs = frozenset({"module"})

    def list_models(self) -> list[Offer]:
        """Returns what can be called there, by the path of its address.

        Raises:
            ProviderError: The address does not answer, or the key is wrong.
        """
        known = self.connection
        url = served(known.base_url, "openapi.json")
        guarded = bool(known.options.get("guarded"))
        document = Caller(Address(url, known.any_key(), {}, 30.0, 1_000_000, guarded)).read(self.ctx)
        paths = document.get("paths") if isinstance(document, dict) else None
        found = paths if isinstance(paths, dict) else {}
        return [
            Offer(path.strip("/"), job="module")
            for path, can in found.items()
            if isinstance(can, dict) and "post" in can and 1 < len(path) <= 200
        ]
