"""The contract of a provider: where models answer, one class in one file of ``flowloft/providers``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from flowloft.core.context import ChatChunk, Connection, Context, ModelEntry
from flowloft.core.errors import FlowloftError, NoFit, ProviderError
from flowloft.core.framework import Job
from flowloft.core.online_tuning import OnlineTuning
from flowloft.core.prices import Price
from flowloft.core.registry import Family


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that a provider has.

    Attributes:
        model: Its name in requests.
        job: What it is for.
        title: What it is called in the page; its name where empty.
        note: What one should know before choosing it.
        dimensions: Numbers of a vector, for an embedding model; 0 where nobody looked.
        languages: That it was made for, in words.
        texts_per_second: Texts of 500 characters on one thread of this project's machine (an AMD
            EPYC); 0 where it was not measured.
    """

    model: str
    job: Job = "chat"
    title: str = ""
    note: str = ""
    dimensions: int = 0
    languages: str = ""
    texts_per_second: float = 0.0


class Provider:
    """Base of every provider. An object of it answers for one connection, within one run.

    Args:
        connection: Where to ask, by which key, and for which model.
        ctx: The run (or the step) that asks; calls end when it does.
    """

    title: ClassVar[str] = ""
    docs: ClassVar[str] = ""
    """Page of the vendor that explains keys and models."""
    base_url: ClassVar[str] = ""
    """Used where the connection names no other."""
    key_env: ClassVar[str] = ""
    """Environment variable that scripts take the key from."""
    needs_key: ClassVar[bool] = True
    builtin: ClassVar[bool] = False
    offers: ClassVar[tuple[Offer, ...]] = ()
    """Models to suggest before the vendor's own list is there."""
    offers_date: ClassVar[str] = ""
    """Day on which ``offers`` and ``prices`` were looked up, as YYYY-MM-DD."""
    jobs: ClassVar[frozenset[Job]] = frozenset({"chat"})
    """What the vendor has models for."""
    prices: ClassVar[dict[str, Price]] = {}
    """By model, where no library keeps them."""
    tuning: ClassVar[type[OnlineTuning] | None] = None
    """How the vendor fine-tunes, if it does."""

    def __init__(self, connection: Connection, ctx: Context | None = None) -> None:
        self.connection = connection
        self.ctx = ctx or Context()

    def stream(self, messages: list[dict[str, Any]], **options: Any) -> Iterator[ChatChunk]:
        """Yields the answer in pieces; see :class:`flowloft.core.context.ChatModel`."""
        raise self._lacks("chat")

    def embed(self, texts: list[str]) -> list[list[float]]:
        """Turns texts into vectors.

        Returns:
            ``(len(texts), dimensions)``, in the order of ``texts``.

        Raises:
            ProviderError: With the provider, the model, and what to do.
        """
        raise self._lacks("embeddings")

    def rerank(self, query: str, texts: list[str]) -> list[float]:
        """Says how well each text fits a question.

        Returns:
            One score a text, in their order; higher is better, mostly 0 to 1.

        Raises:
            ProviderError: With the provider, the model, and what to do.
        """
        raise self._lacks("reranking models")

    @classmethod
    def price_of(cls, model: str) -> Price | None:
        """Returns what a model costs; None where that is not known, or nothing."""
        return cls.prices.get(model)

    def tuner(self) -> OnlineTuning:
        """Returns what fine-tunes models at the vendor.

        Raises:
            ProviderError: ``provider_lacks``.
        """
        if self.tuning is None:
            raise self._lacks("fine-tuning")
        return self.tuning(self)

    @classmethod
    def suggested(cls) -> tuple[Offer, ...]:
        """Returns those of ``offers`` that can be used here, without asking anybody."""
        return cls.offers

    def list_models(self) -> list[Offer]:
        """Asks which models there are; this also shows that address and key are right.

        Raises:
            ProviderError: The address does not answer, or the key is wrong.
        """
        return list(self.offers)

    def _lacks(self, what: str) -> FlowloftError:
        return ProviderError(
            f"{self.title} has no {what}.",
            code="provider_lacks",
            permanent=True,
            hint="Choose a model of another connection.",
            extra={"provider": self.connection.provider},
        )


def entry_of(connection: str, provider: str, offer: Offer) -> ModelEntry:
    """Returns the line of an offer in the list of models, with what the provider's own file knows of it."""
    member = PROVIDERS.get(provider)
    known = next((one for one in member.offers if one.model == offer.model), offer)
    return ModelEntry(
        ref=f"{connection}/{offer.model}",
        connection=connection,
        provider=provider,
        model=offer.model,
        title=offer.title or known.title or offer.model,
        job=offer.job,
        builtin=member.builtin,
        note=offer.note or known.note,
        price=member.price_of(offer.model),
        dimensions=offer.dimensions or known.dimensions,
        languages=offer.languages or known.languages,
        texts_per_second=offer.texts_per_second or known.texts_per_second,
    )


PROVIDERS: Family[Provider] = Family("flowloft.providers", Provider, "provider")


def connection_of(ctx: Context, ref: str) -> Connection:
    """Looks a model reference up.

    Args:
        ref: ``"<connection>/<model>"``.

    Raises:
        NoFit: There is no such model.
    """
    if ctx.models is None:
        raise NoFit(
            "This run knows no models.",
            code="no_models",
            hint="Give it some: Context(models=EnvironmentModels()).",
        )
    return ctx.models.resolve(ref)


def open_model(ctx: Context, ref: str) -> Provider:
    """Looks a model reference up and returns what answers for it.

    Raises:
        NoFit: There is no such model.
    """
    connection = connection_of(ctx, ref)
    return PROVIDERS.get(connection.provider)(connection, ctx)
