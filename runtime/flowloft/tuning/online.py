"""A fine-tune at a vendor: examples go up, its progress comes back, and the name of a model at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flowloft.core.context import Context, ModelSource
from flowloft.core.errors import FlowloftError
from flowloft.core.models import EnvironmentModels
from flowloft.core.online_tuning import ENDED, OnlinePlan, OnlineTune, OnlineTuning
from flowloft.core.provider import open_model
from flowloft.core.trainer import DataFacts, TuneWish
from flowloft.tuning.data import Example, divide, measure, whole_file, with_system
from flowloft.tuning.job import Told


def choose_online(
    tuner: OnlineTuning, examples: list[Example], wish: TuneWish, validation: float = 0.0
) -> tuple[OnlinePlan, DataFacts]:
    """Says what :func:`start_online` would ask a vendor for. Asks nobody.

    Returns:
        The plan, and what was measured, in tokens of about four bytes.

    Raises:
        NoFit: The vendor can't do it.
    """
    train, apart = divide([with_system(one, wish.system) for one in examples], validation, wish.seed)
    objective, method = tuner.check(train, wish)
    data, epochs = measure(train, None, len(apart)), max(1, round(wish.epochs))
    tokens = int(data.mean * data.examples * epochs)
    title = tuner.provider.title
    plan = OnlinePlan(
        provider=title,
        objective=objective,
        method=method,
        epochs=epochs,
        examples=data.examples,
        trained_tokens=tokens,
        system=wish.system,
        seed=wish.seed,
        reasons={
            "method": "As asked for." if wish.method else f"What {title} does where nothing is asked for.",
            "trained_tokens": f"{data.examples:,} examples of {data.mean:,.0f} tokens, {epochs} times.",
        },
        warnings=[f"The examples leave this machine: they are sent to {title}."],
    )
    return plan, data


def start_online(
    tuner: OnlineTuning,
    base: str,
    examples: list[Example],
    wish: TuneWish,
    validation: float = 0.0,
    name: str = "",
) -> OnlineTune:
    """Starts a fine-tune with the same examples and wishes as one of one's own would take.

    Args:
        base: The vendor's name of the model.
        validation: Part of the examples that is kept apart to measure on, 0 to 0.5.

    Raises:
        NoFit: The vendor can't do it; nothing was sent.
        ProviderError: With the provider, the model, and what to do.
    """
    train, apart = divide([with_system(one, wish.system) for one in examples], validation, wish.seed)
    return tuner.start(base, train, apart, wish, name)


def tune_online(
    model: str,
    data: str | Path | list[Example],
    *,
    validation: float = 0.0,
    name: str = "",
    resume: str = "",
    every: float = 15.0,
    models: ModelSource | None = None,
    ctx: Context | None = None,
    told: Told | None = None,
    **wish: Any,
) -> OnlineTune:
    """Fine-tunes a model at a vendor and waits for it. The job there goes on when this ends.

    Args:
        model: ``"<connection>/<model>"`` of the model to train.
        data: A file of examples, or examples.
        validation: Part of the examples that is kept apart to measure on, 0 to 0.5.
        name: Becomes part of the new model's name, where the vendor takes one.
        resume: Follows the fine-tune of this id instead of starting one.
        every: Seconds between two questions how it stands.
        models: Where the reference is looked up; the environment where None.
        told: Is called with ``"state"`` and ``"progress"`` and their facts, each once.
        wish: Fields of ``TuneWish``: ``epochs``, ``batch``, ``method``, ...

    Returns:
        The fine-tune; its ``model`` is the name to ask for at the same connection.

    Raises:
        InputError: A row is broken; the message names the first.
        NoFit: The vendor can't do it; nothing was sent.
        ProviderError: The vendor does not answer, or does not fine-tune.
        FlowloftError: ``training_failed``: it failed there, or was stopped.
    """
    asking = ctx or Context()
    asking.models = models or asking.models or EnvironmentModels()
    provider = open_model(asking, model)
    tuner, base = provider.tuner(), provider.connection.model
    hear = told or (lambda name, facts: None)
    if resume:
        tune = tuner.state(resume)
    else:
        examples = data if isinstance(data, list) else whole_file(data)
        tune = start_online(tuner, base, examples, TuneWish(**wish), validation, name)
    tune = _followed(tuner, tune, asking, every, hear)
    if tune.state != "succeeded":
        why = tune.message or "no reason was given"
        raise FlowloftError(
            f"The fine-tune {tune.id} at {provider.title} {tune.state}: {why}.",
            code="training_failed",
            hint="Mend what it says, and start another one.",
            extra={"id": tune.id, "state": tune.state},
        )
    return tune


def _followed(tuner: OnlineTuning, tune: OnlineTune, ctx: Context, every: float, hear: Told) -> OnlineTune:
    seen: set[str] = set()
    state = ""
    while True:
        if tune.state != state:
            state = tune.state
            hear("state", {"id": tune.id, "state": state})
        for event in tuner.events(tune.id):
            if event.id not in seen:
                seen.add(event.id)
                hear("progress", {"message": event.message, **event.numbers})
        if tune.state in ENDED:
            return tune
        ctx.sleep(every)
        tune = tuner.state(tune.id)
