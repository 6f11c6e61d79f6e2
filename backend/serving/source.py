"""The models of services, for flows: ``<service>/<model>``."""

from __future__ import annotations

from typing import Any

from flowloft.core import context as runtime
from flowloft.core.context import ModelEntry
from flowloft.core.errors import NoFit

from backend.serving.launching import key_of
from backend.serving.models import Service
from backend.serving.states import ANSWERING

PROVIDER = "openai_compatible"


class ServiceModels:
    """Services that a person may ask.

    Args:
        owner_id: Whose; looked up anew each time, so that an address that changed counts at once.
    """

    def __init__(self, owner_id: Any) -> None:
        self.owner_id = owner_id

    def resolve(self, name: str, model: str) -> runtime.Connection | None:
        """Returns where a service answers; None where there is none of that name.

        Raises:
            NoFit: ``service_not_ready``.
        """
        row = self._rows().filter(name__iexact=name).first()
        if row is None:
            return None
        if row.state not in ANSWERING or not row.url:
            raise NoFit(
                f"The service “{row.name}” is {row.state}.",
                code="service_not_ready",
                hint="Start it on the page Models, and wait until it is ready.",
            )
        return runtime.Connection(
            provider=PROVIDER, name=row.name, base_url=f"{row.url}/v1", api_key=key_of(row), model=model
        )

    def entries(self) -> list[ModelEntry]:
        """Returns what the services serve, adapters too; those that do not run say so."""
        return [
            ModelEntry(
                ref=f"{row.name}/{model}",
                connection=row.name,
                provider=PROVIDER,
                model=model,
                title=model,
                job=row.weights.facts.get("job", "chat"),
                builtin=False,
                note="" if row.state in ANSWERING else f"The service is {row.state}.",
            )
            for row in self._rows()
            for model in [row.weights.name, *(one["name"] for one in row.adapters)]
        ]

    def _rows(self) -> Any:
        who = type("Who", (), {"pk": self.owner_id})
        return Service.objects.filter(Service.visible_to(who)).select_related("weights").order_by("name")
