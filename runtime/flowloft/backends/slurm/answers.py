"""Reads what Slurm's commands answer, from 21.08 to the newest, into one form."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from flowloft.core.backend import Queued
from flowloft.core.errors import BackendError


class Row(NamedTuple):
    """What one of Slurm's commands says of one job or task."""

    state: str
    why: str
    exit_code: int | None
    place: str
    started: float | None
    finished: float | None


def queue_rows(text: str) -> dict[str, dict[int | None, Row]]:
    """Reads ``squeue --json`` of 21.08 and later: by number of the job, by task or None.

    Raises:
        BackendError: Not permanent. squeue ends with 0 and no jobs when its controller is away;
            only ``errors`` in the answer tells that from an empty queue.
    """
    try:
        answer = json.loads(text)
        jobs = answer["jobs"]
    except (ValueError, KeyError) as error:
        raise _no_answer("squeue --json answered something else than jobs in JSON.") from error
    if answer.get("errors"):
        raise _no_answer("; ".join(str(told.get("description") or told) for told in answer["errors"]))
    rows: dict[str, dict[int | None, Row]] = {}
    for job in jobs:
        row = Row(
            _first(job["job_state"]),
            job.get("state_description") or job.get("state_reason") or "",
            _status(job.get("exit_code")),
            job.get("nodes") or "",
            _plain(job.get("start_time")) or None,
            _plain(job.get("end_time")) or None,
        )
        array = _plain(job.get("array_job_id"))
        number = str(int(array or _plain(job["job_id"]) or 0))
        task = _plain(job.get("array_task_id"))
        waiting = _numbers(job.get("array_task_string") or "")
        whole: dict[int | None, Row] = rows.setdefault(number, {})
        if array and waiting and task is None:
            whole.update(dict.fromkeys(waiting, row))
        else:
            whole[int(task) if array and task is not None else None] = row
    return rows


def queue_of(text: str) -> list[Queued]:
    """Reads everybody's jobs out of ``squeue --json``: those that run, then those that wait, by priority."""
    queue_rows(text)
    found = []
    for job in json.loads(text)["jobs"]:
        state = _first(job["job_state"])
        if state not in ("RUNNING", "COMPLETING", "PENDING", "CONFIGURING", "SUSPENDED"):
            continue
        running = state not in ("PENDING", "CONFIGURING")
        why = job.get("nodes") if running else job.get("state_description") or job.get("state_reason")
        since = _plain(job.get("start_time" if running else "submit_time"))
        one = Queued(
            number=_label(job),
            name=job.get("name") or "",
            user=job.get("user_name") or "",
            running=running,
            message=why or "",
            since=since or None,
        )
        found.append((not running, -(_plain(job.get("priority")) or 0), one))
    return [one for _, _, one in sorted(found, key=lambda row: row[:2])]


def _label(job: dict[str, Any]) -> str:
    """Returns what squeue shows as the number of a job: ``7``, task ``7_2``, waiting tasks ``7_[3-9]``."""
    array, task = _plain(job.get("array_job_id")), _plain(job.get("array_task_id"))
    if not array:
        return str(int(_plain(job["job_id"]) or 0))
    part = f"[{job.get('array_task_string')}]" if task is None else str(int(task))
    return f"{array:.0f}_{part}"


def queued_with(text: str, comment: str) -> str:
    """Returns the number of the job with this comment in ``squeue --json``; empty where there is none."""
    rows = queue_rows(text)
    for job in json.loads(text)["jobs"]:
        if job.get("comment") == comment:
            number = str(int(_plain(job.get("array_job_id")) or _plain(job["job_id"]) or 0))
            return number if number in rows else ""
    return ""


def _no_answer(words: str) -> BackendError:
    return BackendError(
        words,
        permanent=False,
        code="backend_unreachable",
        hint="What was known of the jobs still holds. Slurm 21.08 or later with its JSON plug-in is needed.",
    )


def control_rows(text: str) -> dict[int | None, Row]:
    """Reads ``scontrol show job --oneliner``."""
    rows: dict[int | None, Row] = {}
    for line in text.splitlines():
        told = dict(word.split("=", 1) for word in line.split() if "=" in word)
        if "JobState" not in told:
            continue
        code = told.get("ExitCode", "").partition(":")[0]
        row = Row(
            told["JobState"], told.get("Reason", ""), int(code or 0), told.get("NodeList", ""), None, None
        )
        rows.update(_for_each(_numbers(told.get("ArrayTaskId", "")), row))
    return rows


def account_rows(text: str) -> dict[int | None, Row]:
    """Reads sacct's ``JobID|State[|ExitCode|NodeList]``; ``CANCELLED by 0`` is CANCELLED."""
    rows: dict[int | None, Row] = {}
    for line in text.splitlines():
        number, state, *more = line.split("|")
        code = int(more[0].partition(":")[0]) if more and more[0] else None
        tasks = _numbers(number.partition("_")[2].strip("[]"))
        row = Row(state.split()[0], "", code, more[1] if len(more) > 1 else "", None, None)
        rows.update(_for_each(tasks, row))
    return rows


def _for_each(tasks: list[int], row: Row) -> dict[int | None, Row]:
    return {task: row for task in tasks} if tasks else {None: row}  # noqa: C420 - for the type's sake


def _numbers(text: str) -> list[int]:
    """Reads Slurm's lists of tasks: ``"0-2,7%4"`` gives 0, 1, 2, 7."""
    found: list[int] = []
    for part in text.partition("%")[0].split(","):
        low, _, high = part.partition("-")
        if low.isdigit():
            found.extend(range(int(low), int(high if high.isdigit() else low) + 1))
    return found


def _first(value: Any) -> str:
    """Returns a state that is a word up to 23.02 and a list of words after."""
    return str(value[0] if isinstance(value, list) else value)


def _plain(value: Any) -> float | None:
    """Returns a number that is itself up to 22.05 and ``{"set", "infinite", "number"}`` after."""
    if isinstance(value, dict):
        return float(value["number"]) if value.get("set") and not value.get("infinite") else None
    return None if value is None else float(value)


def _status(value: Any) -> int | None:
    """Returns the exit code from a wait status (22.05) or from its parts (23.02 and later)."""
    if isinstance(value, dict):
        killed = _plain((value.get("signal") or {}).get("id"))
        return 128 + int(killed) if killed else int(_plain(value.get("return_code")) or 0)
    if value is None:
        return None
    return 128 + (int(value) & 0x7F) if int(value) & 0x7F else int(value) >> 8
