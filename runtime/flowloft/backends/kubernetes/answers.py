"""Reads what the Kubernetes API tells of jobs and pods."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flowloft.core.backend import Queued
from flowloft.core.job import JobState, Reason, ended, together

LABEL = "flowloft.io/job"
CANCELLED = "flowloft.io/cancelled"
INDEX = "batch.kubernetes.io/job-completion-index"
_DISRUPTED = {
    "PreemptionByScheduler": Reason.PREEMPTED,
    "EvictionByEvictionAPI": Reason.PREEMPTED,
    "TerminationByKubelet": Reason.NODE_FAIL,
    "DeletionByTaintManager": Reason.NODE_FAIL,
    "DeletionByPodGC": Reason.NODE_FAIL,
}
_NOT_STARTED = {"StartError", "ContainerCannotRun"}
_NO_IMAGE = (
    "The image cannot be fetched, and it is tried again. Look at its name and tag in the backend's settings, "
    "and whether the cluster may read from that registry."
)
HINTS = {
    "Unschedulable": (
        "No node has room for it. It begins when one has; where none is that large, it never does: "
        "cancel it and ask for less."
    ),
    "ErrImagePull": _NO_IMAGE,
    "ImagePullBackOff": _NO_IMAGE,
    "InvalidImageName": _NO_IMAGE,
}
"""What to do about what a pod waits for, by Kubernetes's word for it."""


def state_of(job: dict[str, Any] | None, pods: list[dict[str, Any]]) -> JobState:
    if job is None:
        return ended(Reason.LOST, message="The cluster does not know this job.")
    status = job.get("status", {})
    began, over = _seconds(status.get("startTime")), _seconds(status.get("completionTime"))
    live = [pod for pod in pods if not _pod_state(pod).ended]
    if CANCELLED in job["metadata"].get("annotations", {}) and not live:
        return ended(Reason.CANCELLED, started_at=began, finished_at=over)
    final = condition_of(job)
    if final and final.get("reason") == "DeadlineExceeded":
        return ended(Reason.TIMEOUT, message=final.get("message", ""), started_at=began, finished_at=over)
    if job["spec"].get("completionMode") == "Indexed":
        tasks = {index_of(pod): _pod_state(pod) for pod in pods}
        waiting = {n: JobState(state="queued") for n in range(job["spec"]["completions"])}
        return together({**waiting, **tasks})
    if pods:
        state = _pod_state(max(pods, key=lambda pod: str(pod["metadata"].get("creationTimestamp"))))
        if state.ended == bool(final):
            return state
        return JobState(state="running", place=state.place, started_at=began)
    if final is None:
        return JobState(state="queued")
    reason = Reason.COMPLETED if final["type"] == "Complete" else Reason.FAILED
    return ended(reason, message=final.get("message", ""), started_at=began, finished_at=over)


def serving_state(pods: list[dict[str, Any]]) -> JobState:
    """Returns the state of a service: a pod that ended is started again, until it is deleted."""
    if not pods:
        return JobState(state="queued")
    state = _pod_state(max(pods, key=lambda pod: str(pod["metadata"].get("creationTimestamp"))))
    if not state.ended:
        return state
    why = f"It ended ({state.reason}, exit code {state.exit_code}) and is started again. {state.message}"
    return JobState(state="queued", message=why.strip(), place=state.place)


def queue_of(jobs: list[dict[str, Any]]) -> list[Queued]:
    """Returns the jobs that have not ended: those that run, then those that wait, the oldest first."""
    found = []
    for job in jobs:
        metadata, status = job["metadata"], job.get("status", {})
        if condition_of(job) or job["spec"].get("suspend"):
            continue
        running = bool(status.get("ready"))
        since = _seconds(status.get("startTime") or metadata.get("creationTimestamp"))
        found.append(Queued(metadata["name"], metadata["name"], "", running, "", since))
    return sorted(found, key=lambda one: (not one.running, one.since or 0))


def condition_of(job: dict[str, Any]) -> dict[str, Any] | None:
    """Returns the condition that says it is over."""
    for one in job.get("status", {}).get("conditions") or []:
        if one["type"] in ("Complete", "Failed") and one["status"] == "True":
            return dict(one)
    return None


def containers_of(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return pod.get("status", {}).get("containerStatuses") or []


def _pod_state(pod: dict[str, Any]) -> JobState:
    status = pod.get("status", {})
    place = pod.get("spec", {}).get("nodeName", "")
    for told in status.get("conditions") or []:
        if told["type"] == "DisruptionTarget" and told["status"] == "True":
            reason = _DISRUPTED.get(told.get("reason", ""), Reason.NODE_FAIL)
            return ended(reason, message=told.get("message", ""), place=place)
    container = next(iter(containers_of(pod)), {})
    now = container.get("state", {})
    if "terminated" in now:
        return _ending(now["terminated"], place)
    if status.get("phase") == "Failed":
        return ended(Reason.NODE_FAIL, message=status.get("message") or status.get("reason", ""), place=place)
    if "running" in now:
        return JobState(state="running", place=place, started_at=_seconds(now["running"].get("startedAt")))
    waiting = now.get("waiting", {})
    why = [waiting.get("reason"), waiting.get("message")]
    for told in status.get("conditions") or []:
        if told["type"] == "PodScheduled" and told["status"] == "False":
            why, waiting = [told.get("message")], {"reason": "Unschedulable"}
    message = ": ".join(word for word in why if word)
    return JobState(
        state="queued", message=message, hint=HINTS.get(str(waiting.get("reason")), ""), place=place
    )


def _ending(told: dict[str, Any], place: str) -> JobState:
    code = int(told.get("exitCode", 0))
    reason = Reason.FAILED if code else Reason.COMPLETED
    if told.get("reason") == "OOMKilled":
        reason = Reason.OUT_OF_MEMORY
    return ended(
        reason,
        exit_code=127 if told.get("reason") in _NOT_STARTED else code,
        message=told.get("message", ""),
        place=place,
        started_at=_seconds(told.get("startedAt")),
        finished_at=_seconds(told.get("finishedAt")),
    )


def index_of(pod: dict[str, Any]) -> int:
    return int(pod["metadata"].get("annotations", {}).get(INDEX, 0))


def _seconds(stamp: str | None) -> float | None:
    return datetime.fromisoformat(stamp).timestamp() if stamp else None
