"""The environment of local models, made by `make local-models`, and the packaged model as a folder in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from flowloft.core.local_env import local_env, model_store


@pytest.fixture(scope="session")
def base_model() -> Path:
    """The model in the box as a Hugging Face folder, in the model store of these tests."""
    assert local_env() is not None, "run `make local-models` first, or name its folder in FLOWLOFT_LOCAL_ENV"
    script = Path(__file__).resolve().parents[2] / "scripts" / "local_models.py"
    subprocess.run([sys.executable, str(script), "convert"], check=True, stdout=subprocess.DEVNULL)
    return model_store() / "smollm2-135m-instruct"
