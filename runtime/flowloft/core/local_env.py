"""The separate environment of local models, and the folder where models lie.

Torch, vLLM and peft never enter the studio's own environment: they are large, and their versions
are theirs to choose. ``scripts/local_models.py`` makes the environment; this says where it is.
"""

from __future__ import annotations

import importlib.util
import json
import os
from dataclasses import dataclass
from pathlib import Path

from flowloft.core.errors import NoFit
from flowloft.core.server_process import data_dir

ENV = "FLOWLOFT_LOCAL_ENV"
STAMP = "flowloft-local.json"
OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
"""What every program in it gets: nothing is downloaded behind a person's back, nothing is reported."""


@dataclass(frozen=True, slots=True)
class LocalEnv:
    """The environment as it was made.

    Attributes:
        folder: Where it lies.
        kind: ``cpu`` or ``gpu``: which recipe it was made by.
        fingerprint: Changes when it is made anew.
    """

    folder: Path
    kind: str
    fingerprint: str

    @property
    def python(self) -> str:
        """Its interpreter."""
        return str(self.folder / "bin" / "python")


def env_folder() -> Path:
    """Returns where the environment lies or would lie: ``FLOWLOFT_LOCAL_ENV``, else in the data."""
    named = os.environ.get(ENV)
    return Path(named).expanduser().absolute() if named else data_dir() / "envs" / "local"


def model_store() -> Path:
    """Returns the folder of models that were made or registered here, one folder each."""
    return data_dir() / "models"


EMBEDDINGS_NEEDED = "Run `make local-models WHAT=embeddings`, or press Set up on the page Models."


def embeddings_folder() -> Path:
    """Returns the folder of optional packages that carry embedding models, beside the environment."""
    return env_folder().parent / "embeddings"


def embedding_package(name: str) -> Path | None:
    """Returns where such a package lies: in that folder, or installed beside Flowloft; None for nowhere.
    It is not imported."""
    here = embeddings_folder() / name
    if here.is_dir():
        return here
    found = importlib.util.find_spec(name)
    return Path(found.origin).parent if found and found.origin else None


def local_env() -> LocalEnv | None:
    """Returns the environment, or None where it was not made or not finished."""
    folder = env_folder()
    try:
        stamp = json.loads((folder / STAMP).read_text())
        return LocalEnv(folder, str(stamp["kind"]), str(stamp["fingerprint"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def require_local_env() -> LocalEnv:
    """Returns the environment.

    Raises:
        NoFit: ``no_local_env``: it has not been made.
    """
    found = local_env()
    if found is None:
        raise NoFit(
            "The environment for local models has not been made.",
            code="no_local_env",
            hint="Run `make local-models`, or press Set up on the page Models.",
            extra={"folder": str(env_folder())},
        )
    return found
