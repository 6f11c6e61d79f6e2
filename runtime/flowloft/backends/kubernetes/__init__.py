"""A Kubernetes cluster, through its REST API: each job is a Job object with one container.

The official Python client knows where the API is and how to sign in; what is sent and what comes
back stays JSON, as the documentation has it and as people can read it. A job with a port is a service: a
Deployment and a Service in front of it.

Source: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import Field

from flowloft.backends.kubernetes.answers import (
    CANCELLED,
    INDEX,
    LABEL,
    condition_of,
    containers_of,
    index_of,
    queue_of,
    serving_state,
    state_of,
)
from flowloft.core.backend import HIDDEN, LOG_PIECE, Affinity, Backend, Preview, Queued, unusable
from flowloft.core.errors import BackendError
from flowloft.core.job import Job, JobState


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
    kubeconfig: str = Field(
        "",
        title="Kubeconfig",
        description="Path of a file as kubectl has it, in place of address and token.",
    )
    context: str = Field(
        "",
        title="Context",
        max_length=253,
        description="In the kubeconfig.",
        json_schema_extra={"x-advanced": True},
    )
    authority: str = Field(
        "",
        title="Authority",
        description="Path of the cluster's certificate (PEM).",
        json_schema_extra={"x-advanced": True},
    )
    service_account: str = Field(
        "",
        title="Service account",
        max_length=253,
        description="Of the pods.",
        json_schema_extra={"x-advanced": True},
    )
    keep: int = Field(
        86_400,
        title="Keep for",
        ge=60,
        description="Seconds after its end that a job and its log stay.",
        json_schema_extra={"x-advanced": True},
    )

    def affinity(self) -> Affinity:
        """Good where the API answers and jobs may be listed."""
        try:
            self._get(f"{self._jobs()}?limit=1")
        except BackendError as error:
            return unusable(error)
        return Affinity(0.8, "The Kubernetes API answers.")

    def preview(self, job: Job) -> Preview:
        """Returns the manifests, as JSON, which kubectl takes too."""
        name = f"{_slug(job.name)}-<token>"
        items = [self._deployment(job, name) if job.port else self._manifest(job, name)]
        if job.port:
            items.append(_service(name, job.port, ""))
        if job.secrets:
            items.append(_secret(name, dict.fromkeys(job.secrets, HIDDEN), items[0], ""))
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
        where = self._deployments() if job.port else self._jobs()
        manifest = self._deployment(job, name) if job.port else self._manifest(job, name)
        uid = self._made(where, manifest)["metadata"]["uid"]
        try:
            if job.port:
                self._made(f"/api/v1/namespaces/{self.namespace}/services", _service(name, job.port, uid))
            if job.secrets:
                clear = {key: value.get_secret_value() for key, value in job.secrets.items()}
                secret = _secret(name, clear, manifest, uid)
                self._made(f"/api/v1/namespaces/{self.namespace}/secrets", secret)
        except BackendError:
            self._send("DELETE", f"{where}/{name}?propagationPolicy=Background")
            raise
        return name

    def _made(self, path: str, manifest: dict[str, Any]) -> Any:
        """Creates an object; returns the one that is there already under its name."""
        try:
            return self._send("POST", path, manifest)
        except BackendError as error:
            if error.extra.get("status") != 409:
                raise
            return self._get(f"{path}/{manifest['metadata']['name']}") if "spec" in manifest else {}

    def states(self, ids: Iterable[str]) -> dict[str, JobState]:
        """Lists jobs, pods and, where there are services among the ids, deployments, once each for all."""
        jobs = {
            item["metadata"]["name"]: item
            for item in self._get(f"{self._jobs()}?labelSelector={LABEL}")["items"]
        }
        pods: dict[str, list[dict[str, Any]]] = {}
        for pod in self._get(f"{self._pods()}?labelSelector={LABEL}")["items"]:
            pods.setdefault(pod["metadata"]["labels"][LABEL], []).append(pod)
        asked = list(ids)
        unknown = [job_id for job_id in asked if job_id not in jobs]
        found = self._get(f"{self._deployments()}?labelSelector={LABEL}")["items"] if unknown else []
        serving = {item["metadata"]["name"] for item in found}
        return {
            job_id: serving_state(pods.get(job_id, []))
            if job_id in serving
            else state_of(jobs.get(job_id), pods.get(job_id, []))
            for job_id in asked
        }

    def queue(self) -> list[Queued]:
        """Lists the jobs of the namespace that have not ended."""
        return queue_of(self._get(self._jobs())["items"])

    def cancel(self, job_id: str) -> None:
        """Suspends the job, which ends its pods and keeps its record."""
        path = f"{self._jobs()}/{job_id}"
        try:
            now = self._get(path)
        except BackendError as error:
            if error.extra.get("status") != 404:
                raise
            self._end_service(job_id)
            return
        if not condition_of(now):
            change = {"metadata": {"annotations": {CANCELLED: "true"}}, "spec": {"suspend": True}}
            self._send("PATCH", path, change)

    def _end_service(self, job_id: str) -> None:
        """Deletes a deployment, and with it all that belongs to it; nothing of it is kept."""
        try:
            self._send("DELETE", f"{self._deployments()}/{job_id}?propagationPolicy=Background")
        except BackendError as error:
            if error.extra.get("status") != 404:
                raise

    def address(self, job_id: str, state: JobState, port: int) -> str:
        """Returns the name of the Service, which stays when its pod moves; known inside the cluster."""
        return f"http://{job_id}.{self.namespace}.svc:{port}"

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
        try:
            with self._asked("GET", f"{self._pods()}/{pod['metadata']['name']}/log") as answer:
                for chunk in answer.response.stream(1 << 16):
                    piece += chunk[left:]
                    left = max(0, left - len(chunk))
                    if len(piece) >= LOG_PIECE:
                        break
        except BackendError as error:
            if not error.permanent:
                raise
            return b"", offset  # Its container has not begun.
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

    def _deployment(self, job: Job, name: str) -> dict[str, Any]:
        """Returns a Deployment of one pod that is started again when it ends."""
        made = self._manifest(job, name)
        template = made["spec"]["template"]
        template["spec"]["restartPolicy"] = "Always"
        (container,) = template["spec"]["containers"]
        container["ports"] = [{"containerPort": job.port}]
        container["readinessProbe"] = {"tcpSocket": {"port": job.port}}
        spec = {"replicas": 1, "selector": {"matchLabels": {LABEL: name}}, "template": template}
        return {**made, "apiVersion": "apps/v1", "kind": "Deployment", "spec": spec}

    def _deployments(self) -> str:
        return f"/apis/apps/v1/namespaces/{self.namespace}/deployments"

    def _jobs(self) -> str:
        return f"/apis/batch/v1/namespaces/{self.namespace}/jobs"

    def _pods(self) -> str:
        return f"/api/v1/namespaces/{self.namespace}/pods"

    def _client(self) -> Any:
        """Returns the official client for the address and token set here, else for the cluster that this
        runs in, else for what kubectl would use."""
        try:
            from kubernetes import client, config  # noqa: PLC0415 - takes over a second
        except ImportError as error:
            raise BackendError(
                "The client of Kubernetes is not installed.",
                permanent=True,
                code="backend_not_set_up",
                hint="Install it: pip install kubernetes.",
            ) from error
        settings = client.Configuration()
        try:
            if self.server:
                settings.host = self.server
            elif os.environ.get("KUBERNETES_SERVICE_HOST"):
                config.load_incluster_config(client_configuration=settings)  # type: ignore[no-untyped-call]
            else:
                config.load_kube_config(  # type: ignore[no-untyped-call]
                    self.kubeconfig or None, context=self.context or None, client_configuration=settings
                )
        except (config.ConfigException, OSError) as error:
            raise BackendError(
                f"No address of a Kubernetes API is set: {error}",
                permanent=True,
                code="backend_not_set_up",
                hint="Set address and token, or a kubeconfig; `kubectl cluster-info` shows the address.",
            ) from error
        if self.token:
            settings.api_key["authorization"] = f"Bearer {self.token}"
        if self.authority:
            settings.ssl_ca_cert = self.authority
        settings.retries = False
        return client.ApiClient(settings)

    def _get(self, path: str) -> Any:
        return self._send("GET", path)

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        with self._asked(method, path, body) as answer:
            return json.loads(answer.read())

    @contextmanager
    def _asked(self, method: str, path: str, body: dict[str, Any] | None = None) -> Iterator[Any]:
        """Asks the API; gives the answer before its body is read, raises with the API's own words."""
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        headers = {"Content-Type": kind, "Accept": "application/json, */*"}
        with self._client() as api:
            call = api.param_serialize(
                method, path, header_params=headers, body=body, auth_settings=["BearerToken"]
            )
            try:
                answer = api.call_api(*call[:4], _request_timeout=30.0)
                if answer.status >= 400:
                    raise _refused(answer.status, answer.read())
                yield answer
            except _failures() as error:
                raise _silent(str(getattr(error, "reason", "") or error)) from error


def _failures() -> tuple[type[Exception], ...]:
    """Returns what the client raises where nobody answers."""
    from kubernetes.client.exceptions import ApiException  # noqa: PLC0415 - as above
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - comes with it

    return (ApiException, HTTPError, OSError)


def _silent(words: str) -> BackendError:
    return BackendError(
        f"The Kubernetes API does not answer: {words}",
        permanent=False,
        code="backend_unreachable",
        hint="What was known of the jobs still holds; it is asked again later.",
    )


def _refused(status: int, body: bytes) -> BackendError:
    try:
        words = str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        words = f"HTTP status {status}"
    passing = status >= 500 or status == 429
    return BackendError(
        words,
        permanent=not passing,
        code="backend_unreachable" if passing else "job_refused",
        hint="The cluster is asked again later." if passing else "The message is the cluster's own.",
        extra={"status": status},
    )


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "flowloft"


def _literal(text: str) -> str:
    """Keeps Kubernetes from filling in ``$(NAME)`` in commands and values."""
    return text.replace("$", "$$")


def _list(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "List", "items": items}


def _owned(name: str, owner: dict[str, Any], uid: str) -> dict[str, Any]:
    """Returns the metadata of what goes when its owner goes."""
    metadata: dict[str, Any] = {"name": name, "labels": {LABEL: name}}
    if uid:
        kind = {key: owner[key] for key in ("apiVersion", "kind")}
        metadata["ownerReferences"] = [{**kind, "name": name, "uid": uid}]
    return metadata


def _secret(name: str, values: dict[str, str], owner: dict[str, Any], uid: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": _owned(name, owner, uid), "stringData": values}


def _service(name: str, port: int, uid: str) -> dict[str, Any]:
    owner = {"apiVersion": "apps/v1", "kind": "Deployment"}
    spec = {"selector": {LABEL: name}, "ports": [{"port": port, "targetPort": port}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": _owned(name, owner, uid), "spec": spec}
