"""Fine-tuning as the vendors do it: what was sent is read as they would, and jobs go on as they are asked.

The base model says how a job goes: ``fails``, ``slow`` (until it is cancelled), or anything else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

Reply = tuple[int, Any]
_GOES = {"slow": ["queued", "running"], "fails": ["queued", "running", "failed"]}
_WELL = ["queued", "running", "succeeded"]
_DASHSCOPE = {
    "queued": "PENDING",
    "running": "RUNNING",
    "succeeded": "SUCCEEDED",
    "failed": "FAILED",
    "cancelled": "CANCELED",
}
LOSSES = [1.5, 0.5]


@dataclass
class Job:
    """A fine-tune at the vendor."""

    id: str
    base: str
    given: dict[str, Any]
    asked: int = 0
    cancelled: bool = False

    def next(self) -> str:
        """Goes one step on."""
        steps = _GOES.get(self.base, _WELL)
        now = "cancelled" if self.cancelled else steps[min(self.asked, len(steps) - 1)]
        self.asked += 1
        return now

    @property
    def tuned(self) -> str:
        return f"ft:{self.base}:{self.id}"


@dataclass
class VendorTuning:
    """Files, datasets and jobs of all vendors."""

    files: dict[str, list[Any]] = field(default_factory=dict)
    datasets: dict[str, int] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Reply | None:
        """Returns status and JSON; None for what has nothing to do with fine-tuning."""
        for prefix, vendor in (
            ("/v1/fine_tuning/jobs", self._openai),
            ("/api/v1/fine-tunes", self._dashscope),
            ("/v1/llm/fine-tune/datasets", self._dataset),
            ("/v1/llm/fine-tunes", self._sensenova),
        ):
            if path == prefix or path.startswith(prefix + "/"):
                rest = [part for part in path[len(prefix) :].split("/") if part]
                return vendor(method, rest, query, body)
        return None

    def upload(self, form: dict[str, Any]) -> Reply:
        """Takes a file of examples, in the form of the vendor whose fields came with it."""
        rows = [json.loads(line) for line in form["file"].decode().splitlines()]
        if form.get("scheme") == "FINE_TUNE_2":
            good = all(isinstance(row, list) for row in rows)
            rows = [{"messages": row} for row in rows]
        else:
            good = form.get("purpose") == "fine-tune"
        if not good or not all(_is_example(row) for row in rows):
            return 400, {"error": {"message": "the file is not in the format of fine-tuning"}}
        id = f"file-{len(self.files)}"
        self.files[id] = rows
        told = {"id": id, "object": "file", "bytes": 1, "created_at": 1, "filename": "x"}
        return 200, {**told, "purpose": "fine-tune", "status": "processed"}

    def _made(self, base: str, files: list[str], given: dict[str, Any]) -> Job | None:
        if not files or any(file not in self.files for file in files):
            return None
        job = Job(f"ft-{len(self.jobs)}", base, given)
        self.jobs[job.id] = job
        return job

    def _openai(self, method: str, rest: list[str], query: dict[str, str], body: Any) -> Reply:
        if method == "POST" and not rest:
            files = [body["training_file"], *([body["validation_file"]] if "validation_file" in body else [])]
            job = self._made(body["model"], files, body)
            return (200, self._openai_job(job)) if job else _unknown("file")
        job = self.jobs.get(rest[0])
        if job is None:
            return _unknown("job")
        if rest[1:] == ["events"]:
            return 200, self._openai_events(job, query)
        if rest[1:] == ["cancel"]:
            job.cancelled = True
        return 200, self._openai_job(job)

    def _openai_job(self, job: Job) -> dict[str, Any]:
        state = job.next()
        ended = state == "succeeded"
        error = {"code": "bad_data", "message": "The loss is not a number", "param": None}
        return {
            "id": job.id, "object": "fine_tuning.job", "model": job.base, "created_at": 1, "status": state,
            "fine_tuned_model": job.tuned if ended else None, "trained_tokens": 1234 if ended else None,
            "error": error if state == "failed" else None, "hyperparameters": {}, "organization_id": "o",
            "result_files": [], "seed": 1, "training_file": "f", "validation_file": None,
        }  # fmt: skip

    def _openai_events(self, job: Job, query: dict[str, str]) -> dict[str, Any]:
        """Newest first, two to a page whatever was asked for."""
        told = [
            {
                "id": f"e{step}",
                "object": "fine_tuning.job.event",
                "created_at": step,
                "level": "info",
                "type": "metrics",
                "message": f"Step {step}",
                "data": {"step": step, "train_loss": LOSSES[min(step, 2) - 1]},
            }
            for step in (3, 2, 1)
        ]
        at = next((n + 1 for n, one in enumerate(told) if one["id"] == query.get("after")), 0)
        return {"object": "list", "data": told[at : at + 2], "has_more": at + 2 < len(told)}

    def _dashscope(self, method: str, rest: list[str], query: dict[str, str], body: Any) -> Reply:
        if method == "POST" and not rest:
            if body["training_type"] not in ("sft", "efficient_sft", "dpo_lora", "dpo_full"):
                return 400, {"code": "InvalidParameter", "message": "training_type"}
            files = [*body["training_file_ids"], *body.get("validation_file_ids", ())]
            job = self._made(body["model"], files, body)
            return (200, self._dashscope_job(job)) if job else _unknown("file")
        job = self.jobs.get(rest[0])
        if job is None:
            return _unknown("job")
        if rest[1:] == ["logs"]:
            lines = [f"{{'loss': {loss}, 'epoch': {n + 1}}}" for n, loss in enumerate(LOSSES)]
            lines = ["start", *lines, " Fine-tune succeeded!"][int(query.get("offset", 0)) :]
            return 200, {"request_id": "r", "output": {"total": 4, "logs": lines}}
        if rest[1:] == ["cancel"]:
            job.cancelled = True
            return 200, {"request_id": "r", "output": {"status": "success"}}
        return 200, self._dashscope_job(job)

    def _dashscope_job(self, job: Job) -> dict[str, Any]:
        state = job.next()
        output = {"job_id": job.id, "status": _DASHSCOPE[state], "model": job.base, "base_model": job.base}
        if state == "succeeded":
            output |= {"finetuned_output": job.tuned, "usage": 1234}  # type: ignore[dict-item]
        if state == "failed":
            output |= {"code": "1", "message": "The loss is not a number"}
        return {"request_id": "r", "output": output}

    def _dataset(self, method: str, rest: list[str], query: dict[str, str], body: Any) -> Reply:
        if method == "POST":
            if any(file not in self.files for file in body["files"]):
                return _unknown("file")
            id = f"set-{len(self.datasets)}"
            self.files[id] = self.files[body["files"][0]]
        else:
            id = rest[0]
        self.datasets[id] = self.datasets.get(id, 0) + 1
        return 200, {"dataset": {"id": id, "status": "READY" if self.datasets[id] > 1 else "PROCESSING"}}

    def _sensenova(self, method: str, rest: list[str], query: dict[str, str], body: Any) -> Reply:
        if method == "POST" and not rest:
            job = self._made(body["model"], [body["training_file"]], body)
            return (200, self._sensenova_job(job)) if job else _unknown("dataset")
        job = self.jobs.get(rest[0])
        if job is None:
            return _unknown("job")
        if rest[1:] == ["cancel"]:
            job.cancelled = True
        return 200, self._sensenova_job(job)

    def _sensenova_job(self, job: Job) -> dict[str, Any]:
        state = job.next()
        told: dict[str, Any] = {"id": job.id, "model": job.base, "status": state.upper()}
        if state == "succeeded":
            told |= {"fine_tuned_model": job.tuned, "trained_tokens": 1234}
        if state == "failed":
            told["message"] = "The loss is not a number"
        return {"job": told}


def _is_example(row: Any) -> bool:
    if "input" in row:
        return bool(row["preferred_output"] and row["non_preferred_output"] and row["input"]["messages"])
    last = row["messages"][-1]["role"]
    return (last == "user" and "chosen" in row and "rejected" in row) or last == "assistant"


def _unknown(what: str) -> Reply:
    return 404, {"error": {"message": f"There is no such {what}"}}
