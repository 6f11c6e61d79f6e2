"""Fine-tunes that a vendor does: what would be asked for, asking for it once, and hearing how it stands."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from flowloft.core.context import Context
from flowloft.core.errors import FlowloftError, ProviderError
from flowloft.core.online_tuning import ENDED as OVER
from flowloft.core.online_tuning import OnlinePlan, OnlineTune, OnlineTuning
from flowloft.core.provider import PROVIDERS, open_model
from flowloft.core.trainer import DataFacts, TuneWish
from flowloft.tuning import choose_online, start_online
from flowloft.tuning.data import Example

from backend.datasets.services import examples_of
from backend.hub.models import Connection
from backend.hub.source import model_source_for
from backend.tuning.models import ENDED, Tune, TuneRecord, TuneState


def is_online(base: str) -> bool:
    """Says whether a base is a vendor's, ``<connection>/<model>``: names in the store have no slash."""
    return "/" in base and base[0] not in "./"


def models_of(user: Any) -> list[tuple[str, str]]:
    """Returns the models that vendors train whom a person has a connection to, with the vendor's title.
    What was tuned before can be tuned further."""
    found = []
    for connection in Connection.objects.filter(owner=user).order_by("name"):
        provider = PROVIDERS.get(connection.provider) if connection.provider in PROVIDERS else None
        if provider is None or provider.tuning is None:
            continue
        tuned = Tune.objects.filter(owner=user, connection=connection).exclude(model="")
        refs = [f"{connection.name}/{model}" for model in provider.tuning.models]
        refs += tuned.values_list("model", flat=True)
        found += [(ref, provider.title) for ref in dict.fromkeys(refs)]
    return found


def connection_of(user: Any, base: str) -> Connection | None:
    """Returns the person's connection that a base is reached by."""
    name = base.partition("/")[0]
    return Connection.objects.filter(owner=user, name__iexact=name).first()


def _tuner(user: Any, base: str) -> OnlineTuning:
    return open_model(Context(models=model_source_for(user)), base).tuner()


def plan_of(
    user: Any, base: str, examples: list[Example], wish: TuneWish, validation: float
) -> tuple[OnlinePlan, DataFacts]:
    """Says what a vendor would be asked for. Asks nobody.

    Raises:
        NoFit: There is no such connection, or the vendor can't do it.
        ProviderError: ``provider_lacks``: it does not fine-tune.
    """
    return choose_online(_tuner(user, base), examples, wish, validation)


def cancel(tune: Tune) -> None:
    """Asks the vendor to stop it; one that it has not heard of ends here.

    Raises:
        ProviderError: The vendor does not answer.
    """
    if (
        Tune.objects.filter(pk=tune.pk, sent_at=None)
        .exclude(state__in=ENDED)
        .update(state=TuneState.CANCELLED, finished_at=timezone.now())
    ):
        return
    if tune.remote_id:
        _book(tune, _tuner(tune.owner, tune.base).cancel(tune.remote_id), [])


def look(tune: Tune) -> None:
    """Starts a fine-tune at its vendor, or asks how it stands, and keeps what is told.

    A vendor that does not answer is asked again at the next look. One that was asked to start it and whose
    answer was lost is not asked a second time: that would be paid for twice.
    """
    try:
        tuner = _tuner(tune.owner, tune.base)
        if tune.remote_id:
            stands = tuner.state(tune.remote_id)
            _book(tune, stands, _news(tune, tuner))
        else:
            _send(tune, tuner)
    except FlowloftError as error:
        lost = isinstance(error, ProviderError) and not error.permanent and tune.remote_id
        if lost:
            _told(tune, [TuneRecord(tune=tune, kind="warning", facts={"message": error.message})])
        else:
            _fail(tune, error.payload())


def _send(tune: Tune, tuner: OnlineTuning) -> None:
    if tune.sent_at is not None:
        _fail(
            tune,
            {
                "code": "outcome_unknown",
                "message": "The studio was ended while it asked the vendor to start this fine-tune.",
                "hint": "Look at the vendor's own page whether it runs there, before you start another.",
                "extra": {},
            },
        )
        return
    if not Tune.objects.filter(pk=tune.pk, sent_at=None, state=TuneState.QUEUED).update(
        sent_at=timezone.now()
    ):
        return
    if tune.version is None:
        raise FlowloftError("Its dataset was deleted.", code="examples_gone", hint="Upload it again.")
    wish = TuneWish.model_validate(tune.wish)
    model = tuner.provider.connection.model
    started = start_online(tuner, model, examples_of(tune.version), wish, tune.validation, tune.name)
    tune.remote_id = started.id
    Tune.objects.filter(pk=tune.pk).update(remote_id=started.id)
    _book(tune, started, [])


def _news(tune: Tune, tuner: OnlineTuning) -> list[TuneRecord]:
    known = {one.get("id") for one in tune.records.filter(kind="progress").values_list("facts", flat=True)}
    return [
        TuneRecord(
            tune=tune, kind="progress", facts={"id": one.id, "message": one.message[:500], **one.numbers}
        )
        for one in tuner.events(tune.remote_id)
        if one.id not in known
    ]


def _told(tune: Tune, records: list[TuneRecord]) -> None:
    last = tune.records.filter(kind="warning").last()
    same = last.facts if last is not None else None
    TuneRecord.objects.bulk_create([one for one in records if one.kind != "warning" or one.facts != same])


def _fail(tune: Tune, error: dict[str, Any]) -> None:
    Tune.objects.filter(pk=tune.pk).exclude(state__in=ENDED).update(
        state=TuneState.FAILED, error=error, finished_at=timezone.now()
    )


def _book(tune: Tune, stands: OnlineTune, news: list[TuneRecord]) -> None:
    """Keeps how it stands; once it has succeeded its model can be chosen wherever models are."""
    with transaction.atomic():
        row = Tune.objects.select_for_update().get(pk=tune.pk)
        if row.state in ENDED:
            return
        _told(row, news)
        for one in news:
            row.progress |= {
                name: value for name, value in one.facts.items() if name not in ("id", "message")
            }
        if stands.trained_tokens:
            row.progress["trained_tokens"] = stands.trained_tokens
        row.state = TuneState(stands.state)
        if stands.state in OVER:
            row.finished_at = timezone.now()
        if stands.state == "failed":
            row.error = {
                "code": "training_failed",
                "message": stands.message or "The vendor gives no reason.",
                "hint": "Mend what it says, and start another one.",
                "extra": {"id": stands.id},
            }
        if stands.model:
            row.model = _offered(row, stands.model)
        row.save()


def _offered(tune: Tune, model: str) -> str:
    connection = tune.connection
    if connection is None:
        return ""
    if all(known["model"] != model for known in connection.known_models):
        offer = {"model": model, "job": "chat", "title": tune.name}
        connection.known_models = [*connection.known_models, offer]
        connection.save(update_fields=["known_models", "updated_at"])
    return f"{connection.name}/{model}"
