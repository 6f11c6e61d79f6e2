"""Which provider answers for an online module."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from flowloft.core.addresses import outgoing_proxy
from flowloft.core.context import Connection, Context, ModelSource
from flowloft.core.errors import NoFit
from flowloft.core.framework import Job
from flowloft.core.models import EnvironmentModels, keys_of
from flowloft.core.provider import PROVIDERS, Provider, open_model


def model_of(model: str, provider: str, job: Job, default: str) -> str:
    """Returns the model that is meant where not all is said: the first that the provider suggests, or the
    default where no provider is named.

    Raises:
        NoFit: ``unknown_model``: the provider suggests none.
    """
    if model or not provider:
        return model or default
    offered = [offer.model for offer in PROVIDERS.get(provider).suggested() if offer.job == job]
    if not offered:
        raise NoFit(
            f"{PROVIDERS.get(provider).title} suggests no model.",
            code="unknown_model",
            hint=f'Name one: provider="{provider}", model="...".',
        )
    return offered[0]


@dataclass(frozen=True, slots=True)
class Asking:
    """A model and the way to it.

    Attributes:
        model: ``"<connection>/<model>"``, or the vendor's own name where ``provider`` is given.
        provider: A file of ``flowloft/providers``; empty where ``model`` names the connection.
        base_url: In place of the vendor's own address.
        api_key: Never printed; empty takes it from the environment. Several stand with commas between.
        models: Where references are looked up; the environment where None.
    """

    model: str
    provider: str = ""
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    models: ModelSource | None = None

    def open(self, ctx: Context, environ: Mapping[str, str] = os.environ) -> Provider:
        """Returns what answers.

        Raises:
            NoFit: There is no such model, or no key for it.
            FlowError: There is no such provider.
        """
        ctx.models = self.models or EnvironmentModels()
        if not self.provider:
            return open_model(ctx, self.model)
        provider = PROVIDERS.get(self.provider)
        key = self.api_key or (environ.get(provider.key_env, "") if provider.key_env else "")
        if provider.needs_key and not key:
            raise NoFit(
                f"There is no key for {provider.title}.",
                code="no_key",
                hint=f"Set {provider.key_env}, or give the module api_key."
                if provider.key_env
                else "Give the module api_key.",
            )
        address = self.base_url or environ.get(f"{self.provider.upper()}_BASE_URL", "")
        connection = Connection(
            provider=self.provider,
            name=self.provider,
            base_url=address,
            model=self.model,
            proxy=outgoing_proxy(address or provider.base_url, environ),
            **keys_of(key),
        )
        return provider(connection, ctx)
