"""A model of one's own as a module: fine-tuned, served, asked, measured."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import ValidationError

from flowloft.core.current import call_context
from flowloft.core.errors import FlowError, InputError, NoFit
from flowloft.core.framework import FRAMEWORKS, LocalModel, Served, Wish, choose_serving
from flowloft.core.hardware import hardware_here
from flowloft.core.local_env import model_store
from flowloft.core.model_facts import read_model
from flowloft.core.provider import PROVIDERS
from flowloft.core.server_process import ServerProcess, data_dir
from flowloft.core.trainer import TRAINERS, TuneWish
from flowloft.modules.asking import Asking
from flowloft.modules.online_chat import History, OnlineChatModule

if TYPE_CHECKING:
    from flowloft.core.engine_process import EngineProcess

Told = Callable[[str, dict[str, Any]], None]
DONE = "trained.json"
"""Is written into the folder of a training once it has come to its end."""


class TrainableModule(OnlineChatModule):
    """A language model that can be fine-tuned, and that is served from its weights.

    Args:
        base_model: File or folder of its weights; a name in the model store, or how the only such name
            begins; or ``"<connection>/<model>"`` of a model that is served already.
        target: Folder for what training leaves; by default ``trainable`` in the data folder.
        told: Hears of the training: name and facts of each record of progress.
        stream, timeout, name, options: As for :class:`OnlineChatModule`.

    Example:
        model = TrainableModule("smollm2").prompt("You are brief.")
        model.trainset("examples.jsonl").finetune_method("peft", epochs=2).update()
        model("What is a tide?")
        model.stop()
    """

    def __init__(
        self,
        base_model: str | os.PathLike[str],
        target: str | os.PathLike[str] = "",
        *,
        told: Told | None = None,
        stream: bool = False,
        timeout: float = 1800.0,
        name: str = "",
        **options: Any,
    ) -> None:
        super().__init__(os.fspath(base_model), stream=stream, timeout=timeout, name=name, **options)
        self.base_model = os.fspath(base_model)
        self.target = Path(target).expanduser().absolute() if os.fspath(target) else data_dir() / "trainable"
        self.told = told
        self._examples: list[Any] | Path | None = None
        self._trainer: str | None = None
        self._wish = TuneWish()
        self._validation = 0.0
        self._framework = ""
        self._serving = Wish()
        self._engine: ServerProcess | EngineProcess | None = None
        self._ready: Asking | None = None

    def trainset(self, data: Iterable[Any] | str | os.PathLike[str], *, validation: float = 0.0) -> Self:
        """Says what it learns from.

        Args:
            data: A file (JSONL, JSON, CSV, Parquet) or rows, in any of the usual forms: messages,
                conversations, instruction/output, prompt/completion, question/answer, or pairs of a better
                and a worse answer.
            validation: Part that is kept apart to measure on, 0 to 0.5.
        """
        is_file = isinstance(data, (str, os.PathLike))
        self._examples = Path(data).expanduser() if is_file else list(data)  # type: ignore[arg-type]
        self._validation = validation
        return self

    def finetune_method(self, trainer: str = "", **wish: Any) -> Self:
        """Says how it is trained.

        Args:
            trainer: A file of ``flowloft/trainers``; empty for the best that fits.
            wish: Fields of ``TuneWish``: ``method``, ``epochs``, ``learning_rate``, ``rank``, ...

        Raises:
            FlowError: ``unknown_trainer``, ``unknown_option``.
        """
        if trainer:
            TRAINERS.get(trainer)
        try:
            self._trainer, self._wish = trainer, TuneWish(**wish)
        except ValidationError as error:
            first = error.errors()[0]
            raise _unknown_option(
                f"{'.'.join(map(str, first['loc']))}: {first['msg']}", TuneWish.model_fields
            ) from error
        return self

    def deploy_method(self, framework: str = "", **wish: Any) -> Self:
        """Says what serves it.

        Args:
            framework: A file of ``flowloft/frameworks``; empty for the best that fits.
            wish: Fields of ``Wish``: ``context``, ``parallel``, ``threads``, ``dtype``, ...

        Raises:
            FlowError: ``unknown_framework``, ``unknown_option``.
        """
        if framework:
            FRAMEWORKS.get(framework)
        try:
            self._framework, self._serving = framework, Wish(**wish)
        except TypeError as error:
            raise _unknown_option(str(error), Wish.__dataclass_fields__) from error
        return self

    @property
    def weights(self) -> Path | None:
        """File or folder of what is served: what training made of it, else the base; None where the
        base is a model that is served already."""
        base = self._base()
        return None if base is None else next(self._candidates(base))

    def training(self) -> Any:
        """Returns the recipe: None where there are no examples or no method."""
        if self._examples is None or self._trainer is None:
            return None
        base = self._base()
        if base is None:
            raise NoFit(
                f"“{self.base_model}” is served elsewhere, and nothing here can train it.",
                code="not_trainable",
                hint=f"Take the weights: a folder, or a name in the store. {_in_store()}",
            )
        return self._recipe(base)

    def train(self) -> None:
        """Fine-tunes on this machine; what comes of it is served from the next :meth:`update_server` on.

        What was trained before by the same recipe is found again; what was interrupted goes on.

        Raises:
            InputError: A row is broken; the message names the first.
            NoFit: It can't be done here; the hint says what to install or to change.
            FlowloftError: ``training_failed``, with the end of the log.
        """
        from flowloft.tuning import tune  # noqa: PLC0415 - who only asks needs none of it

        base = self._base()
        folder = self._trained(base) if base else None
        if base is None or folder is None or (folder / DONE).exists():
            return
        examples = self._examples if isinstance(self._examples, Path) else self._rows_read()
        tune(
            base,
            examples,
            folder,
            validation=self._validation,
            trainer=self._trainer or "",
            told=self.told,
            **self._wish.model_dump(exclude_unset=True),
        )
        (folder / DONE).write_text(json.dumps(self._recipe(base), indent=2), "utf-8")

    def serving(self) -> Any:
        """Returns what is to be served; None where the model is served already."""
        weights = self.weights
        return None if weights is None else (str(weights), _stamp(weights), self._framework, self._serving)

    def open(self) -> None:
        """Starts the server of the weights, on loopback and behind a key.

        Raises:
            NoFit: ``nothing_serves``, with why not for each framework.
            BackendError: ``server_start_failed``, with the end of its log.
        """
        self.close()
        base = self._base()
        if base is not None:
            model, served = self._chosen(base)
            self._engine = self._started(model, served)

    def close(self) -> None:
        """Ends the server."""
        engine, self._engine, self._ready = self._engine, None, None
        if engine is not None:
            engine.stop()

    def forward(self, value: Any, history: History = (), **options: Any) -> Any:
        """Asks, as :meth:`OnlineChatModule.forward` does.

        Raises:
            FlowError: ``not_started``: its server does not run.
        """
        self.asking = self.answering()
        return super().forward(value, history, **options)

    def _first(self, value: Any) -> list[dict[str, Any]]:
        """Returns the system message: what it was trained with, where the prompt says nothing."""
        said = super()._first(value)
        trained = self._examples is not None and self._trainer is not None
        return said or ([{"role": "system", "content": self._wish.system}] if trained else [])

    def answering(self) -> Asking:
        """Returns the way to what serves it.

        Raises:
            FlowError: ``not_started``: its server does not run.
        """
        if self._ready is None:
            if self._base() is not None:
                raise FlowError(
                    f"{self.name} does not serve yet.",
                    code="not_started",
                    hint="Call start() or update(), or write `with module:`.",
                )
            return Asking(self._reference())
        if isinstance(self._engine, ServerProcess):  # it may have ended by itself, and comes back
            address = self._engine.address(call_context(self.timeout).check)
            self._ready = Asking(self._ready.model, "openai_compatible", address.url, address.key)
        return self._ready

    def _started(self, model: LocalModel, served: Served) -> ServerProcess | EngineProcess:
        from flowloft.core.engine_process import EngineProcess  # noqa: PLC0415 - only who serves needs it

        framework, check = FRAMEWORKS.get(served.framework)(), call_context().check
        folder = data_dir() / "servers" / f"trainable-{_mark([model.path, asdict(served.serving)])}"
        if "command" in vars(type(framework)):
            shared = ServerProcess(folder, lambda: framework.command(model, served.serving))
            address = shared.address(check)
            self._ready = Asking(model.name, "openai_compatible", address.url, address.key)
            return shared
        engine = EngineProcess(folder, framework.launch(model, served.serving), framework.health)
        engine.start(check)
        self._ready = Asking(model.name, "openai_compatible", f"{engine.url}/v1", engine.key)
        return engine

    def _chosen(self, base: Path) -> tuple[LocalModel, Served]:
        """Returns the form of the weights that something can serve, and what serves it."""
        refused: NoFit | None = None
        for weights in self._candidates(base):
            facts = read_model(weights)
            model = LocalModel(base.stem if base.is_file() else base.name, facts.job, facts.path, facts)
            try:
                choice = choose_serving(model, hardware_here(), self._serving, framework=self._framework)
            except NoFit as error:
                refused = refused or error
            else:
                return model, choice.value
        assert refused is not None  # noqa: S101 - there is a candidate always
        raise refused

    def _candidates(self, base: Path) -> Iterator[Path]:
        from flowloft.tuning import result_of  # noqa: PLC0415

        folder = self._trained(base)
        if folder is not None and (folder / DONE).exists():
            found = result_of(folder)
            yield from (one for one in (found.gguf, found.merged) if one is not None)
            if found.gguf is not None or found.merged is not None:
                return
        yield base

    def _base(self) -> Path | None:
        """Returns the weights; None where the name is that of a model which is served already.

        Raises:
            InputError: ``unknown_base``.
        """
        given = Path(self.base_model).expanduser()
        if given.exists():
            return given.absolute()
        if "/" not in self.base_model:
            names = [one.name for one in _store() if one.name.startswith(self.base_model)]
            if self.base_model in names or len(names) == 1:
                return model_store() / (self.base_model if self.base_model in names else names[0])
            if not names and self._reference():
                return None
        elif self.base_model.partition("/")[0] in PROVIDERS:
            return None
        raise InputError(
            f"There is no model “{self.base_model}”.",
            code="unknown_base",
            hint=f"Give a folder, a file, <connection>/<model>, or a name in the store. {_in_store()}",
        )

    def _reference(self) -> str:
        """Returns the reference that the name stands for: its own, or that of a model in the box."""
        if "/" in self.base_model:
            return self.base_model
        offers = PROVIDERS.get("builtin").offers
        return next(
            (
                f"builtin/{one.model}"
                for one in offers
                if one.job == "chat" and one.model.startswith(self.base_model)
            ),
            "",
        )

    def _recipe(self, base: Path) -> dict[str, Any]:
        examples: Any = self._examples
        if isinstance(examples, Path):
            examples = [str(examples), hashlib.sha256(examples.read_bytes()).hexdigest()]
        return {
            "base": [str(base), _stamp(base)],
            "examples": _mark(examples),
            "validation": self._validation,
            "trainer": self._trainer,
            "wish": self._wish.model_dump(exclude_unset=True),
        }

    def _trained(self, base: Path) -> Path | None:
        if self._examples is None or self._trainer is None:
            return None
        return self.target / f"{base.stem}-{_mark(self._recipe(base))}"

    def _rows_read(self) -> list[dict[str, Any]]:
        from flowloft.tuning.data import example_of  # noqa: PLC0415

        found = []
        for number, row in enumerate(self._examples or [], 1):  # type: ignore[arg-type]
            example = example_of(row)
            if isinstance(example, str):
                raise InputError(f"Row {number}: {example}", code="broken_rows", hint="Correct or remove it.")
            found.append(example)
        return found


def _store() -> list[Path]:
    place = model_store()
    return sorted(one for one in place.iterdir() if one.name[0] != ".") if place.is_dir() else []


def _in_store() -> str:
    return f"There are: {', '.join(one.name for one in _store()) or 'none; run `make local-models`'}."


def _unknown_option(why: str, known: Iterable[str]) -> FlowError:
    return FlowError(
        f"There is no such option: {why}.", code="unknown_option", hint=f"There are: {', '.join(known)}."
    )


def _stamp(weights: Path) -> int:
    return os.stat(weights).st_mtime_ns


def _mark(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
