"""The studio's answer to the runtime's question where a model is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from django.contrib.auth import get_user_model
from flowloft.core import context as runtime
from flowloft.core.context import ModelEntry
from flowloft.core.errors import NoFit
from flowloft.core.models import CHOSEN
from flowloft.core.prices import Price
from flowloft.core.provider import PROVIDERS, Offer, entry_of

from backend.hub.defaults import chosen_model
from backend.hub.models import Connection
from backend.hub.prices import price_known, prices_of
from backend.hub.services import BUILTIN, connect


class MoreModels(Protocol):
    """Models of another app, for one person."""

    def resolve(self, name: str, model: str) -> runtime.Connection | None:
        """Returns the connection of that name; None where it has none."""
        ...

    def entries(self) -> list[ModelEntry]:
        """Returns what the person can choose."""
        ...


SOURCES: list[Callable[[Any], MoreModels]] = []
"""Filled by apps above this one; each is called with the person's id."""


class HubModels:
    """A :class:`flowloft.core.context.ModelSource` of one person's connections and the built-in models.

    Args:
        owner_id: Whose; looked up anew each time, so that a changed key counts at once.
    """

    def __init__(self, owner_id: Any) -> None:
        self.owner_id = owner_id

    def resolve(self, ref: str) -> runtime.Connection:
        """Returns the connection for ``"<connection>/<model>"``.

        Raises:
            NoFit: The person has none of that name.
        """
        if ref in CHOSEN:
            ref = chosen_model(self.owner_id, ref) or ref
        name, _, model = ref.partition("/")
        if name == BUILTIN and model:
            return runtime.Connection(provider=BUILTIN, name=BUILTIN, model=model)
        found = self._connections().filter(name__iexact=name).first() if model else None
        for source in SOURCES if model and found is None else ():
            other = source(self.owner_id).resolve(name, model)
            if other is not None:
                return other
        if found is None:
            names = ", ".join(dict.fromkeys(entry.connection for entry in self.entries()))
            raise NoFit(
                f"There is no model “{ref}”.",
                code="unknown_model",
                hint=f"Choose one in the node, or add a connection on the page Models. There are: {names}.",
            )
        trusted = get_user_model().objects.filter(pk=self.owner_id, is_owner=True).exists()
        return connect(found, model, trusted=trusted)

    def entries(self) -> list[ModelEntry]:
        """Returns every model that the person can choose; the built-in ones first."""
        own_prices = prices_of(self.owner_id)
        box = [entry_of(BUILTIN, BUILTIN, offer) for offer in PROVIDERS.get(BUILTIN).suggested()]

        def price(provider: str, model: str) -> Price | None:
            return own_prices.get((provider, model)) or price_known(provider, model)

        own = [
            replace(
                entry_of(found.name, found.provider, Offer(**known)),
                price=price(found.provider, known["model"]),
            )
            for found in self._connections().order_by("name")
            for known in found.known_models
        ]
        return box + own + [entry for source in SOURCES for entry in source(self.owner_id).entries()]

    def _connections(self) -> Any:
        return Connection.objects.filter(owner_id=self.owner_id).prefetch_related("keys")


def model_source_for(user: Any) -> HubModels:
    """Returns the models that a person's flows may use."""
    return HubModels(user.pk)
