"""An embedding model as a module."""

from __future__ import annotations

from collections.abc import Sequence

from flowloft.core.context import ModelSource
from flowloft.core.current import call_context
from flowloft.core.errors import InputError
from flowloft.core.models import DEFAULT_EMBEDDING
from flowloft.modules.asking import Asking, model_of
from flowloft.modules.base import Module


class OnlineEmbeddingModule(Module):
    """Turns texts into vectors. Without arguments, by the built-in model.

    Args:
        model: ``"<connection>/<model>"``, or the vendor's own name where ``provider`` is given; empty for
            the first that the provider suggests.
        provider: ``openai``, ``sensenova``, ``glm``, ``qwen``, ... : a file of
            ``flowloft/providers``.
        source: The provider, as LazyLLM calls it.
        base_url: In place of the vendor's own address.
        api_key: Empty takes it from the environment.
        timeout: Seconds for one call.
        models: Where references are looked up; the environment where None.
    """

    def __init__(
        self,
        model: str = "",
        *,
        provider: str = "",
        source: str = "",
        base_url: str = "",
        api_key: str = "",
        timeout: float = 600.0,
        models: ModelSource | None = None,
        name: str = "",
    ) -> None:
        super().__init__(name=name)
        provider = provider or source
        model = model_of(model, provider, "embedding", DEFAULT_EMBEDDING)
        self.asking = Asking(model, provider, base_url, api_key, models)
        self.timeout = timeout

    def forward(self, texts: str | Sequence[str]) -> list[list[float]]:
        """Turns texts into vectors.

        Args:
            texts: One text, or several.

        Returns:
            ``(n, dim)``, in the order of the texts; ``(1, dim)`` for one text.

        Raises:
            ProviderError: With the provider, the model, and what to do.
            InputError: ``not_texts``.
        """
        rows = [texts] if isinstance(texts, str) else list(texts)
        if not all(isinstance(row, str) for row in rows):
            raise InputError(
                "Only texts can be turned into vectors.",
                code="not_texts",
                hint="Give a text or a list of texts.",
            )
        return self.asking.open(call_context(self.timeout)).embed(rows) if rows else []
