"""A Kubernetes cluster, through its REST API: each job is a Job object with one container.

The API is spoken with httpx. The official Python client asks for a newer python-dateutil than
Celery allows, so the studio could not be installed with both.

Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from pydantic import Field

from flowloft.backends.kubernetes.answers import (
    CANCELLED,
    INDEX,
    LABEL,
    condition_of,
    containers_of,
    index_of,
    state_of,
)
from flowloft.core.backend import HIDDEN, LOG_PIECE, Affinity, Backend, Preview
from flowloft.core.errors import BackendError
from flowloft.core.job import Job, JobState

_IN_CLUSTER = Path("/var/run/secrets/kubernetes.io/serviceaccount")


class Kubernetes(Backend):
    """Runs jobs as containers. Inside a cluster it needs no address and no token."""

    title = "Kubernetes"
    two_logs = False
    pace = 2.0
    image: str = Field(
        "python:3.11-slim", title="Image", max_length=500, description="Holds what the command needs."
    )
    namespace: str = Field("default", title="Namespace", pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
    server: str = Field(
        "", title="Address", max_length=500, description="Of the API, for instance https://10.0.0.1:6443."
    )
    token: str = Field(
        "", title="Token", repr=False, json_schema_extra={"x-widget": "secret"}, description="Of an account."
    )
    authority: str = Field("", title="Authority", description="Path of the cluster's certificate (PEM).")
    service_account: str = Field("", title="Service account", max_length=253, description="Of the pods.")
    keep: int = Field(
        86_400, title="Keep for", ge=60, description="Seconds after its end that a job and its log stay."
    )

    def affinity(self) -> Affinity:
        """Good where the API answers and jobs may be listed."""
        try:
            self._get(f"{self._jobs()}?limit=1")
        except BackendError as error:
            return Affinity(0.0, error.message)
        return Affinity(0.8, "The Kubernetes API answers.")

    def preview(self, job: Job) -> Preview:
        """Returns the manifests, as JSON, which kubectl takes too."""
        name = f"{_slug(job.name)}-<token>"
        items = [self._manifest(job, name)]
        if job.secrets:
            items.append(_secret(name, dict.fromkeys(job.secrets, HIDDEN), ""))
        text = json.dumps(items[0] if len(items) == 1 else _list(items), indent=2, ensure_ascii=False)
        return Preview("manifest", text)

    def submit(self, job: Job) -> str:
        """Creates the Job, then the Secret that its pods wait for."""
        if job.resources.machines > 1:
            raise BackendError(
                f"{job.resources.machines} machines are asked for; a job here is one pod.",
                permanent=True,
                code="resources_unavailable",
                hint="Ask for several tasks instead.",
            )
        name = f"{_slug(job.name)}-{job.ticket or secrets.token_hex(5)}"
        made = self._made(self._jobs(), self._manifest(job, name))
        if job.secrets:
            clear = {key: value.get_secret_value() for key, value in job.secrets.items()}
            try:
                secret = _secret(name, clear, made["metadata"]["uid"])
                self._made(f"/api/v1/namespaces/{self.namespace}/secrets", secret)
            except BackendError:
                self._send("DELETE", f"{self._jobs()}/{name}?propagationPolicy=Background")
                raise
        return name

    def _made(self, path: str, manifest: dict[str, Any]) -> Any:
        """Creates an object; returns the one that is there already under its name."""
        try:
            return self._send("POST", path, manifest)
        except BackendError as error:
            if error.extra.get("status") != 409:
                raise
            return self._get(f"{path}/{manifest['metadata']['name']}")

    def states(self, ids: Iterable[str]) -> dict[str, JobState]:
        """Lists jobs and pods, once each for all ids."""
        jobs = {
            item["metadata"]["name"]: item
            for item in self._get(f"{self._jobs()}?labelSelector={LABEL}")["items"]
        }
        pods: dict[str, list[dict[str, Any]]] = {}
        for pod in self._get(f"{self._pods()}?labelSelector={LABEL}")["items"]:
            pods.setdefault(pod["metadata"]["labels"][LABEL], []).append(pod)
        return {job_id: state_of(jobs.get(job_id), pods.get(job_id, [])) for job_id in ids}

    def cancel(self, job_id: str) -> None:
        """Suspends the job, which ends its pods and keeps its record."""
        path = f"{self._jobs()}/{job_id}"
        try:
            now = self._get(path)
        except BackendError as error:
            if error.extra.get("status") == 404:
                return
            raise
        if not condition_of(now):
            change = {"metadata": {"annotations": {CANCELLED: "true"}}, "spec": {"suspend": True}}
            self._send("PATCH", path, change)

    def logs(self, job_id: str, offset: int = 0, *, errors: bool = False) -> tuple[bytes, int]:
        """Reads the pod's log, which holds both streams; the API has no offset, so it is read from its
        beginning."""
        task = re.search(r"\[(\d+)\]$", job_id)
        name = re.sub(r"\[\d+\]$", "", job_id)
        pods = [] if errors else self._get(f"{self._pods()}?labelSelector={LABEL}={name}")["items"]
        pod = next((pod for pod in pods if task is None or index_of(pod) == int(task[1])), None)
        if pod is None or not containers_of(pod):
            return b"", offset
        piece = bytearray()
        left = offset
        with (
            self._client() as client,
            self._told(),
            client.stream("GET", f"{self._pods()}/{pod['metadata']['name']}/log") as answer,
        ):
            if answer.status_code >= 400:
                return b"", offset
            for chunk in answer.iter_bytes():
                piece += chunk[left:]
                left = max(0, left - len(chunk))
                if len(piece) >= LOG_PIECE:
                    break
        found = bytes(piece[:LOG_PIECE])
        return found, offset + len(found)

    def _manifest(self, job: Job, name: str) -> dict[str, Any]:
        asked = job.resources
        limits = {"cpu": str(asked.cpus)}
        if asked.memory:
            limits["memory"] = str(int(asked.memory))
        if asked.gpus:
            limits["nvidia.com/gpu"] = str(asked.gpus)
        env: list[dict[str, Any]] = [
            {"name": key, "value": _literal(value)} for key, value in sorted(job.env.items())
        ]
        spec: dict[str, Any] = {"backoffLimit": 0, "ttlSecondsAfterFinished": self.keep}
        if asked.seconds:
            spec["activeDeadlineSeconds"] = max(1, round(asked.seconds))
        if job.tasks:
            spec |= {"completions": job.tasks, "parallelism": job.tasks, "completionMode": "Indexed"}
            spec |= {"backoffLimitPerIndex": 0, "backoffLimit": 2**31 - 1}
            path = f"metadata.annotations['{INDEX}']"
            env.append({"name": "FLOWLOFT_TASK", "valueFrom": {"fieldRef": {"fieldPath": path}}})
        container: dict[str, Any] = {
            "name": "job",
            "image": self.image,
            "command": [_literal(word) for word in job.argv],
            "env": env,
            "resources": {"limits": limits, "requests": limits},
        }
        if job.secrets:
            container["envFrom"] = [{"secretRef": {"name": name}}]
        if job.directory:
            container["workingDir"] = job.directory
        pod: dict[str, Any] = {"restartPolicy": "Never", "containers": [container]}
        if asked.gpu_type:
            pod["nodeSelector"] = {"nvidia.com/gpu.product": asked.gpu_type}
        if self.service_account:
            pod["serviceAccountName"] = self.service_account
        labels = {LABEL: name}
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": name, "labels": labels},
            "spec": {**spec, "template": {"metadata": {"labels": labels}, "spec": pod}},
        }

    def _jobs(self) -> str:
        return f"/apis/batch/v1/namespaces/{self.namespace}/jobs"

    def _pods(self) -> str:
        return f"/api/v1/namespaces/{self.namespace}/pods"

    def _client(self) -> httpx.Client:
        server, token, authority = self.server, self.token, self.authority
        if not server and os.environ.get("KUBERNETES_SERVICE_HOST"):
            host, port = (
                os.environ["KUBERNETES_SERVICE_HOST"],
                os.environ.get("KUBERNETES_SERVICE_PORT", "443"),
            )
            server = f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}"
            token = token or (_IN_CLUSTER / "token").read_text(encoding="ascii").strip()
            authority = authority or str(_IN_CLUSTER / "ca.crt")
        if not server:
            raise BackendError(
                "No address of a Kubernetes API is set.",
                permanent=True,
                code="backend_not_set_up",
                hint="Set address and token; `kubectl cluster-info` shows the address.",
            )
        verify: Any = httpx.create_ssl_context(verify=authority) if authority else True
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=server, headers=headers, verify=verify, timeout=30.0, trust_env=False)

    def _get(self, path: str) -> Any:
        return self._send("GET", path)

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        with self._client() as client, self._told():
            answer = client.request(
                method,
                path,
                content=None if body is None else json.dumps(body),
                headers={"Content-Type": kind, "Accept": "application/json"},
            )
        if answer.status_code < 400:
            return answer.json()
        try:
            words = str(answer.json()["message"])
        except (ValueError, KeyError, TypeError):
            words = f"HTTP status {answer.status_code}"
        passing = answer.status_code >= 500 or answer.status_code == 429
        raise BackendError(
            words,
            permanent=not passing,
            code="backend_unreachable" if passing else "job_refused",
            hint="The cluster is asked again later." if passing else "The message is the cluster's own.",
            extra={"status": answer.status_code},
        )

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except httpx.HTTPError as error:
            raise BackendError(
                f"The Kubernetes API does not answer: {error}",
                permanent=False,
                code="backend_unreachable",
                hint="What was known of the jobs still holds; it is asked again later.",
            ) from error


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "flowloft"


def _literal(text: str) -> str:
    """Keeps Kubernetes from filling in ``$(NAME)`` in commands and values."""
    return text.replace("$", "$$")


def _list(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "List", "items": items}


def _secret(name: str, values: dict[str, str], owner: str) -> dict[str, Any]:
    """Returns the Secret of a job; it goes when the job goes."""
    reference = {"apiVersion": "batch/v1", "kind": "Job", "name": name, "uid": owner}
    metadata: dict[str, Any] = {"name": name, "labels": {LABEL: name}}
    if owner:
        metadata["ownerReferences"] = [reference]
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": values}
