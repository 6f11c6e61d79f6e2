"""transformers with peft (and trl for pairs), in the environment of local models."""

from __future__ import annotations

from pathlib import Path

from flowloft.core.framework import Choice
from flowloft.core.hardware import Hardware
from flowloft.core.local_env import local_env, require_local_env
from flowloft.core.model_facts import ModelFacts
from flowloft.core.probing import ask_engine
from flowloft.core.trainer import DataFacts, Trainer, TunePlan, TuneWish
from flowloft.core.tune_sizing import settle

WORKER = Path(__file__).parents[1] / "tuning" / "worker.py"

PROBE = """
import peft, torch, transformers, trl
print("ok", "cuda" if torch.cuda.is_available() else "cpu")
"""


class Peft(Trainer):
    """Trains an adapter with peft, or all weights, on one machine."""

    title = "peft"
    preference = 20

    def fits(
        self, model: ModelFacts, data: DataFacts, wish: TuneWish, hardware: Hardware
    ) -> Choice[TunePlan | None]:
        if model.format != "safetensors":
            return Choice(
                None,
                "peft trains a Hugging Face folder with safetensors weights; a GGUF file can't be trained.",
            )
        if model.job != "chat":
            return Choice(None, "Only models that write text are trained.")
        if model.quantisation and wish.method not in (None, "qlora"):
            return Choice(
                None, f"Its weights are {model.quantisation} already, which only QLoRA can start from."
            )
        return settle("peft", model, data, wish, hardware, methods=("lora", "qlora", "dora", "full"))

    def probe(self) -> Choice[bool]:
        env = local_env()
        if env is None:
            return Choice(
                False, "The environment for local models has not been made: run `make local-models`."
            )
        said = ask_engine("peft", env, PROBE)
        if not said.startswith("ok"):
            return Choice(False, f"peft can't be loaded in {env.folder}: {said[-300:]}")
        return Choice(True, f"peft runs on the {'GPU' if 'cuda' in said else 'processor'}.")

    def command(self, folder: Path, plan: TunePlan) -> list[str]:
        python = require_local_env().python
        if plan.dp > 1:
            launch = ("-m", "torch.distributed.run", "--standalone", f"--nproc_per_node={plan.dp}")
            return [python, *launch, str(WORKER), str(folder)]
        return [python, str(WORKER), str(folder)]
