"""Where the steps of a run look models up."""

from __future__ import annotations

from django.db import connection
from flowloft.core import context as runtime
from flowloft.core.context import ModelEntry

from backend.hub.source import HubModels


class RunModels(HubModels):
    """The models of a run's owner, asked for by threads of the engine. Those live on and would each
    keep a connection to the database, so they give theirs back."""

    def resolve(self, ref: str) -> runtime.Connection:
        try:
            return super().resolve(ref)
        finally:
            connection.close()

    def entries(self) -> list[ModelEntry]:
        try:
            return super().entries()
        finally:
            connection.close()
