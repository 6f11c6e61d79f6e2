"""vLLM itself says that it computes here, and understands every command that is written for it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flowloft.core.framework import FRAMEWORKS, LocalModel
from flowloft.core.local_env import OFFLINE, local_env

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from serving_examples import examples

pytestmark = [pytest.mark.model, pytest.mark.slow]


def test_the_engine_itself_says_what_it_runs_on() -> None:
    assert local_env() is not None, "make local-models comes first"
    found = FRAMEWORKS.get("vllm")().probe()
    assert found.value, found.reason
    refused = FRAMEWORKS.get("lightllm")().probe()
    assert not refused.value
    assert refused.reason


PARSE = """
import json, sys
from vllm.entrypoints.launchers.cli_args import make_arg_parser, validate_parsed_serve_args
from vllm.utils.argparse_utils import FlexibleArgumentParser
parser = make_arg_parser(FlexibleArgumentParser())
told = []
for argv in json.load(sys.stdin):
    given = parser.parse_args(argv)
    validate_parsed_serve_args(given)
    parts = (given.tensor_parallel_size, given.data_parallel_size)
    told.append([*parts, given.max_model_len, given.quantization])
print(json.dumps(told))
"""


def parsed(lines: list[list[str]]) -> Any:
    """Gives command lines to vLLM's own parser, in its environment."""
    env = local_env()
    assert env is not None
    done = subprocess.run(
        [env.python, "-c", PARSE],
        input=json.dumps(lines),
        env={**OFFLINE, "PATH": "/usr/bin:/bin", "HOME": "/tmp", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def arguments(model: LocalModel, serving: Any) -> list[str]:
    named = LocalModel("m", model.job, "/models/m", model.facts)
    argv = FRAMEWORKS.get("vllm")().launch(named, serving).argv[3:]
    fill = {"{host}": "127.0.0.1", "{port}": "8000", "{spare_port}": "8001"}
    return [fill.get(word, word) for word in argv]


def test_every_worked_example_is_a_command_that_vllm_understands() -> None:
    chosen = [(model, choice.value) for model, _, _, choice in examples() if choice.value is not None]
    told = parsed([arguments(model, serving) for model, serving in chosen])
    for (_, serving), (tp, dp, context, quantisation) in zip(chosen, told, strict=True):
        assert (tp, dp, context) == (serving.tensor_parallel, serving.replicas, serving.context)
        assert (quantisation or "") == serving.quantisation
    assert len(told) > 90
