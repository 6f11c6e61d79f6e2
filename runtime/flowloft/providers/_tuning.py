"""Fine-tuning by the protocol of OpenAI: a file goes up, a job learns from it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, cast

from flowloft.core.online_tuning import OnlineTune, OnlineTuning, TuneEvent, TuneState
from flowloft.core.trainer import TuneWish
from flowloft.providers._openai import OpenAIProtocol

_STATES: dict[str, TuneState] = {
    "running": "running",
    "succeeded": "succeeded",
    "failed": "failed",
    "cancelled": "cancelled",
    "canceled": "cancelled",
}
_PAGE = 100


class OpenAITuning(OnlineTuning):
    """What OpenAI and those after it do.

    Source: https://platform.openai.com/docs/api-reference/fine-tuning
    """

    provider: OpenAIProtocol

    def start(
        self,
        base: str,
        train: Sequence[dict[str, Any]],
        validation: Sequence[dict[str, Any]],
        wish: TuneWish,
        name: str = "",
    ) -> OnlineTune:
        objective, method = self.check(train, wish)
        files = {"training_file": self.upload(train, "train.jsonl")}
        if validation:
            files["validation_file"] = self.upload(validation, "validation.jsonl")
        given = files | self._settings(objective, method, wish)
        if name:
            given["suffix"] = suffix(name)
        made = self.provider.asked(lambda client: client.fine_tuning.jobs.create(model=base, **given))
        return self._told(made)

    def upload(self, examples: Iterable[dict[str, Any]], name: str) -> str:
        """Sends a file of examples and returns what the vendor calls it."""
        content = "".join(f"{json.dumps(self._row(one), ensure_ascii=False)}\n" for one in examples).encode()
        made = self.provider.asked(
            lambda client: client.files.create(file=(name, content, "application/jsonl"), purpose="fine-tune")
        )
        return str(made.id)

    def _row(self, example: dict[str, Any]) -> dict[str, Any]:
        if "chosen" not in example:
            return example
        return {
            "input": {"messages": example["prompt"]},
            "preferred_output": example["chosen"],
            "non_preferred_output": example["rejected"],
        }

    def _settings(self, objective: str, method: str, wish: TuneWish) -> dict[str, Any]:
        kind = "dpo" if objective == "dpo" else "supervised"
        how = {"type": kind, kind: {"hyperparameters": self._numbers(wish)}}
        return {"method": how, "seed": wish.seed}

    def _numbers(self, wish: TuneWish) -> dict[str, Any]:
        """Returns what was wished for; the vendor chooses what was not. Its learning rate is a multiple
        of its own, so that one meant for weights of one's own would be wrong here."""
        given = wish.model_fields_set
        numbers: dict[str, Any] = {"n_epochs": max(1, round(wish.epochs))}
        if "batch" in given:
            numbers["batch_size"] = wish.batch
        return numbers

    def state(self, id: str) -> OnlineTune:
        return self._told(self.provider.asked(lambda client: client.fine_tuning.jobs.retrieve(id)))

    def cancel(self, id: str) -> OnlineTune:
        return self._told(self.provider.asked(lambda client: client.fine_tuning.jobs.cancel(id)))

    def events(self, id: str) -> list[TuneEvent]:
        found: list[Any] = []

        def ask(client: Any) -> Any:
            after = {"after": found[-1].id} if found else {}
            return client.fine_tuning.jobs.list_events(id, limit=_PAGE, **after)

        while True:
            page = self.provider.asked(ask)
            found += page.data
            if not page.data or not getattr(page, "has_more", False):
                return [_event(one) for one in reversed(found)]

    def _told(self, job: Any) -> OnlineTune:
        error = job.error
        return OnlineTune(
            id=str(job.id),
            base=str(job.model),
            state=_STATES.get(str(job.status), "queued"),
            model=job.fine_tuned_model or "",
            trained_tokens=int(job.trained_tokens or 0),
            message=str((getattr(error, "message", "") or "") if error else ""),
        )


def _event(told: Any) -> TuneEvent:
    data = told.data if isinstance(told.data, dict) else {}
    return TuneEvent(id=str(told.id), message=str(told.message or ""), numbers=numbers_of(data))


_NUMBERS = {
    "step": "step",
    "current_steps": "step",
    "total_steps": "steps",
    "epoch": "epoch",
    "train_loss": "loss",
    "loss": "loss",
    "valid_loss": "validation_loss",
    "full_valid_loss": "validation_loss",
    "eval_loss": "validation_loss",
    "learning_rate": "learning_rate",
}


def numbers_of(data: dict[str, Any]) -> dict[str, float]:
    """Returns the numbers of an event under our names, whatever the vendor calls them."""
    found: dict[str, float] = {}
    for name, ours in _NUMBERS.items():
        try:
            found[ours] = float(cast("Any", data.get(name)))
        except (TypeError, ValueError):
            continue
    return found


def suffix(name: str) -> str:
    """Returns a name in the letters that vendors take in the name of a model."""
    kept = "".join(mark if mark.isascii() and mark.isalnum() else "-" for mark in name.lower())
    return kept.strip("-")[:18] or "flowloft"
