"""CoLLiE (``collie-lm``): tensor, pipeline and data parallel training on GPUs, in an environment of its own.

It was made for transformers 4.36 and can't share the environment of the other engines;
``FLOWLOFT_COLLIE_ENV`` names the folder of one that has it. Its command has been built and checked
against its own options, and was not run on hardware.
Source: https://github.com/OpenMOSS/CoLLiE
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from flowloft.core.framework import Choice
from flowloft.core.hardware import Hardware
from flowloft.core.model_facts import ModelFacts
from flowloft.core.sizing import dividers
from flowloft.core.trainer import DataFacts, Trainer, TunePlan, TuneWish
from flowloft.core.tune_sizing import settle

ENV = "FLOWLOFT_COLLIE_ENV"


class Collie(Trainer):
    """Divides a model over GPUs while it is trained."""

    title = "CoLLiE"
    preference = 10

    def fits(
        self, model: ModelFacts, data: DataFacts, wish: TuneWish, hardware: Hardware
    ) -> Choice[TunePlan | None]:
        if not hardware.devices:
            return Choice(None, "CoLLiE trains on GPUs only.")
        if model.format != "safetensors" or model.job != "chat":
            return Choice(None, "CoLLiE trains a Hugging Face folder of a model that writes text.")
        if data.objective == "dpo":
            return Choice(None, "CoLLiE learns from answers, not from pairs.")
        tp = dividers(model, len(hardware.devices))[-1]
        # With the layers divided over tp devices, each of them holds a tp-th of everything.
        part = Hardware(hardware.devices[:1], hardware.cpus, hardware.memory, hardware.free, hardware.bf16)
        share = _divided(model, tp)
        found = settle("collie", share, data, wish, part, methods=("lora", "full"), can_shard=False)
        if found.value is None:
            return Choice(None, found.reason, found.rejected)
        dp = len(hardware.devices) // tp
        reasons = found.value.reasons | {"tp": f"{tp} devices divide the {model.heads} heads between them."}
        plan = found.value.model_copy(update={"tp": tp, "dp": dp, "gpus": tp * dp, "reasons": reasons})
        return Choice(plan, found.reason, found.rejected)

    def probe(self) -> Choice[bool]:
        if not self._python():
            return Choice(False, f"{ENV} names no environment with collie-lm.")
        return Choice(True, "CoLLiE has an environment.")

    def _python(self) -> str:
        folder = os.environ.get(ENV, "")
        python = Path(folder) / "bin" / "python"
        return str(python) if folder and python.is_file() else ""

    def command(self, folder: Path, plan: TunePlan) -> list[str]:
        count = plan.tp * plan.pp * plan.dp
        return [
            *(self._python() or "python", "-m", "torch.distributed.run", "--standalone"),
            *(f"--nproc_per_node={count}", "-m", "collie.finetune"),
            *(f"--base_model={folder / 'base'}", f"--data_path={folder / 'train.jsonl'}"),
            *(f"--output_dir={folder / 'adapter'}", f"--batch_size={plan.batch}"),
            *(f"--micro_batch_size={plan.micro_batch}", f"--num_epochs={plan.epochs:g}"),
            *(f"--learning_rate={plan.learning_rate:g}", f"--dp_size={plan.dp}", f"--pp_size={plan.pp}"),
            *(f"--tp_size={plan.tp}", f"--lora_r={plan.rank}", f"--lora_alpha={plan.alpha}"),
            f"--lora_dropout={plan.dropout:g}",
        ]


def _divided(model: ModelFacts, tp: int) -> ModelFacts:
    return replace(
        model,
        weight_bytes=model.weight_bytes // tp,
        parameters=model.parameters // tp,
        layers=max(1, model.layers // tp),
    )
