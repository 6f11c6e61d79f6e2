"""The models that a script can use without a studio: the built-in ones, and those of each vendor
whose key is in the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from flowloft.core.addresses import outgoing_proxy
from flowloft.core.context import Connection, ModelEntry
from flowloft.core.errors import NoFit
from flowloft.core.provider import PROVIDERS, Provider, entry_of

DEFAULT_CHAT = "builtin/smollm2-135m-instruct"
DEFAULT_EMBEDDING = "builtin/use-multilingual"
CHOSEN = {"default/chat": DEFAULT_CHAT, "default/embedding": DEFAULT_EMBEDDING, "default/rerank": ""}
"""References to whatever the person has chosen for a job, and what they are where nobody has."""
CHOSEN_ENV = "FLOWLOFT_DEFAULT_"
"""Before the job in the variable by which a script chooses, as ``FLOWLOFT_DEFAULT_CHAT``."""


def keys_of(given: str) -> dict[str, Any]:
    """Returns the fields of a connection for one key, or for several with commas between."""
    keys = [key for key in (part.strip() for part in given.split(",")) if key]
    if len(keys) < 2:
        return {"api_key": "".join(keys)}
    return {"keys": {str(number): key for number, key in enumerate(keys, 1)}}


class EnvironmentModels:
    """A :class:`~flowloft.core.context.ModelSource` that reads environment variables.

    The connection is called as the provider is: ``builtin/smollm2-135m-instruct`` is always
    there, ``openai/<model>`` once ``OPENAI_API_KEY`` is set; several keys stand in it with commas
    between, and are used in turn. ``<PROVIDER>_BASE_URL`` replaces the address of a provider, and
    ``FLOWLOFT_PROXY`` names a proxy. ``default/chat``, ``default/embedding`` and ``default/rerank`` are
    the models that ``FLOWLOFT_DEFAULT_CHAT`` and so on name, or the built-in ones.

    Args:
        environ: In place of ``os.environ``.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ

    def resolve(self, ref: str) -> Connection:
        """Returns the connection for ``"<provider>/<model>"``.

        Raises:
            NoFit: There is no such provider, or its key is not in the environment.
        """
        if ref in CHOSEN:
            variable = CHOSEN_ENV + ref.partition("/")[2].upper()
            ref = self._environ.get(variable, "") or CHOSEN[ref] or ref
        name, _, model = ref.partition("/")
        if name not in PROVIDERS or not model:
            raise NoFit(
                f"There is no model “{ref}”.",
                code="unknown_model",
                hint=f"Write <provider>/<model>. Usable here: {', '.join(self._usable()) or 'none'}.",
            )
        provider = PROVIDERS.get(name)
        if not self._is_usable(provider, name):
            wanted = provider.key_env if provider.needs_key else f"{name.upper()}_BASE_URL"
            raise NoFit(
                f"“{ref}” can't be used: {wanted} is not set.",
                code="no_key",
                hint=f"Set {wanted}, or choose one of: {', '.join(self._usable())}.",
            )
        address = self._environ.get(f"{name.upper()}_BASE_URL", "")
        return Connection(
            provider=name,
            name=name,
            base_url=address,
            model=model,
            proxy=outgoing_proxy(address or provider.base_url, self._environ),
            **keys_of(self._environ.get(provider.key_env, "") if provider.key_env else ""),
        )

    def entries(self) -> list[ModelEntry]:
        """Returns the built-in models and what the usable vendors suggest."""
        return [
            entry_of(name, name, offer)
            for name in self._usable()
            for offer in PROVIDERS.get(name).suggested()
        ]

    def _usable(self) -> list[str]:
        usable = [name for name, member in PROVIDERS.all().items() if self._is_usable(member, name)]
        return sorted(usable, key=lambda name: (not PROVIDERS.get(name).builtin, name))

    def _is_usable(self, provider: type[Provider], name: str) -> bool:
        if provider.builtin:
            return True
        if provider.needs_key:
            return bool(self._environ.get(provider.key_env))
        return bool(self._environ.get(f"{name.upper()}_BASE_URL"))
