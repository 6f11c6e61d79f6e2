"""One fine-tune: what would be done, the folder it is done in, and doing it here."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowloft.core.errors import FlowloftError, NoFit
from flowloft.core.framework import Choice
from flowloft.core.hardware import Hardware, hardware_here
from flowloft.core.local_env import OFFLINE
from flowloft.core.model_facts import ModelFacts, read_model
from flowloft.core.records import MARK
from flowloft.core.trainer import TRAINERS, DataFacts, TunePlan, TuneWish
from flowloft.tuning.data import Example, divide, measure, whole_file, with_system

Told = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Tuned:
    """What a fine-tune left; None where it was not asked for.

    Attributes:
        adapter: Folder of the weights that were learned.
        merged: Folder of the whole model with them in it.
        gguf: The same as one file, for the built-in engine.
    """

    folder: Path
    adapter: Path | None
    merged: Path | None
    gguf: Path | None


def choose(
    model: ModelFacts, data: DataFacts, wish: TuneWish, hardware: Hardware | None = None, trainer: str = ""
) -> Choice[TunePlan]:
    """Chooses the framework and every value of a fine-tune.

    Args:
        hardware: What there is to compute with; this machine where None.
        trainer: The framework to take whatever the others say; empty for the best that fits.

    Raises:
        NoFit: None can; ``extra["rejected"]`` says of each why not.
        FlowError: ``unknown_trainer``.
    """
    place = hardware or hardware_here()
    members = {trainer: TRAINERS.get(trainer)} if trainer else TRAINERS.all()
    rejected: list[tuple[str, str]] = []
    for name, member in sorted(members.items(), key=lambda item: -item[1].preference):
        found = member().fits(model, data, wish, place)
        if found.value is not None:
            others = [
                (other, one().fits(model, data, wish, place).reason) for other, one in _others(members, name)
            ]
            return Choice(found.value, found.reason, (*rejected, *found.rejected, *others))
        rejected.append((name, found.reason))
    raise NoFit(
        f"No framework can do this fine-tune here. {rejected[0][1]}",
        hint="Take a smaller model, shorter examples, LoRA instead of full, or a backend with more memory.",
        extra={"rejected": [list(one) for one in rejected]},
    )


def _others(members: dict[str, Any], taken: str) -> Iterator[tuple[str, Any]]:
    lower = members[taken].preference
    return ((name, one) for name, one in members.items() if name != taken and one.preference <= lower)


def prepare(
    folder: Path, base: str | Path, plan: TunePlan, train: list[Example], validation: list[Example]
) -> None:
    """Writes what a trainer reads. What a trainer has written there stays, so that it can go on.

    Args:
        base: Folder of the model; its weights must be safetensors.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, examples in (("train", train), ("validation", validation)):
        lines = (json.dumps(with_system(one, plan.system), ensure_ascii=False) for one in examples)
        (folder / f"{name}.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    given = {"plan": plan.model_dump(), "base": str(Path(base).absolute()), "validation": len(validation)}
    (folder / "plan.json").write_text(json.dumps(given, indent=2), "utf-8")


def result_of(folder: Path) -> Tuned:
    """Returns what a fine-tune in this folder has left so far."""
    adapter, merged, gguf = folder / "adapter", folder / "merged", folder / "model.gguf"
    return Tuned(
        folder=folder,
        adapter=adapter if (adapter / "flowloft.json").exists() else None,
        merged=merged if (merged / "config.json").exists() else None,
        gguf=gguf if gguf.exists() else None,
    )


def records(line: bytes) -> tuple[str, dict[str, Any]] | None:
    """Returns what a trainer told in a line of its log, or None where it is something else."""
    if not line.startswith(MARK):
        return None
    try:
        name, facts = json.loads(line[1:])
    except (ValueError, TypeError):
        return None
    return (name, facts) if isinstance(name, str) and isinstance(facts, dict) else None


def environment(plan: TunePlan) -> dict[str, str]:
    """Returns the variables of a trainer's process. More threads than are set here make it slower on
    busy cores, not faster."""
    return {**OFFLINE, "OMP_NUM_THREADS": str(plan.threads), "PYTHONUNBUFFERED": "1"}


def tune(
    base: str | Path,
    data: str | Path | list[Example],
    folder: str | Path,
    *,
    validation: float = 0.0,
    trainer: str = "",
    told: Told | None = None,
    **wish: Any,
) -> Tuned:
    """Fine-tunes a model on this machine and waits for it; goes on where it was interrupted.

    Args:
        base: Folder of the model.
        data: A file of examples, or examples.
        folder: Where the result goes.
        validation: Part of the examples that is kept apart to measure on, 0 to 0.5.
        told: Is called with the name and the facts of each record of progress.
        wish: Fields of ``TuneWish``: ``method``, ``epochs``, ``learning_rate``, ``rank``, ...

    Raises:
        InputError: A row is broken; the message names the first.
        NoFit: It can't be done on this machine.
        FlowloftError: ``training_failed``, with the end of the log.
    """
    facts, asked = read_model(base), TuneWish(**wish)
    examples = data if isinstance(data, list) else whole_file(data)
    train, apart = divide(examples, validation, asked.seed)
    asked_with = [with_system(one, asked.system) for one in train]
    measured = measure(asked_with, Path(base) / "tokenizer.json", len(apart))
    plan = choose(facts, measured, asked, trainer=trainer).value
    chosen = TRAINERS.get(plan.trainer)()
    runs = chosen.probe()
    if not runs.value:
        raise NoFit(
            runs.reason, code="no_trainer", hint="Run `make local-models`, or choose another framework."
        )
    place = Path(folder)
    prepare(place, base, plan, train, apart)
    _run(chosen.command(place, plan), environment(plan), told or (lambda name, facts: None))
    return result_of(place)


def _run(argv: list[str], env: dict[str, str], told: Told) -> None:
    failed: dict[str, Any] = {}
    tail: list[bytes] = []
    with subprocess.Popen(
        argv, env=os.environ | env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            for line in process.stdout or ():
                found = records(line)
                if found is None:
                    tail = [*tail[-30:], line]
                    continue
                failed = found[1] if found[0] == "failed" else failed
                told(*found)
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        said = b"".join(tail).decode(errors="replace").strip()[-1500:]
        raise FlowloftError(
            failed.get("message") or f"Training ended with code {process.returncode}.",
            code=failed.get("code", "training_failed"),
            hint=f"{failed.get('hint', '')} Its last words: {said}".strip(),
        )
