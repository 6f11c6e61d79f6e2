"""As much of the Kubernetes API as jobs need, over a real socket; containers are processes here."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from flowloft.backends.local import Local
from flowloft.core.job import Job, JobState, Reason
from flowloft.core.resources import Resources

TOKEN = "stub-token"


def _expand(text: str, env: dict[str, str]) -> str:
    """What the kubelet does to commands and values: ``$$`` is ``$``, ``$(NAME)`` is filled in."""

    def one(match: re.Match[str]) -> str:
        return "$" if match[0] == "$$" else env.get(match[1], match[0])

    return re.sub(r"\$\$|\$\(([^)]*)\)", one, text)


def _stamp(at: float | None) -> str:
    return datetime.fromtimestamp(at or 0, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Cluster:
    """What the API knows."""

    def __init__(self, folder: Path) -> None:
        self.local = Local(folder=str(folder))
        self.jobs: dict[str, dict[str, Any]] = {}
        self.deployments: dict[str, dict[str, Any]] = {}
        self.services: dict[str, dict[str, Any]] = {}
        self.secrets: dict[str, dict[str, str]] = {}
        self.running: dict[str, str] = {}
        self.lock = threading.Lock()
        self.broken = False

    def start_what_can(self) -> None:
        """Starts the container of each job whose Secret is there, as the kubelet does."""
        for name, job in self.jobs.items():
            (container,) = job["spec"]["template"]["spec"]["containers"]
            needed = [one["secretRef"]["name"] for one in container.get("envFrom", [])]
            if name in self.running or any(one not in self.secrets for one in needed):
                continue
            env = {"PATH": "/usr/bin:/bin"}
            for one in container["env"]:
                env[one["name"]] = _expand(one["value"], env)
            for one in needed:
                env |= self.secrets[one]
            argv = [_expand(word, env) for word in container["command"]]
            seconds = job["spec"].get("activeDeadlineSeconds")
            directory = container.get("workingDir", "")
            resources = Resources(seconds=seconds)
            self.running[name] = self.local.submit(
                Job(argv=argv, env=env, directory=directory, resources=resources)
            )

    def job(self, name: str) -> dict[str, Any]:
        job = dict(self.jobs[name])
        job["status"] = {}
        if name in self.running:
            state = self._state(name)
            job["status"] = {"startTime": _stamp(state.started_at)}
            if state.ended:
                good = state.reason is Reason.COMPLETED
                late = state.reason is Reason.TIMEOUT
                told = {"type": "Complete" if good else "Failed", "status": "True"}
                told["reason"] = "DeadlineExceeded" if late else "BackoffLimitExceeded"
                job["status"] |= {"conditions": [told], "completionTime": _stamp(state.finished_at)}
        return job

    def pod(self, name: str) -> dict[str, Any]:
        state = self._state(name)
        container: dict[str, Any] = {"running": {"startedAt": _stamp(state.started_at)}}
        if state.ended:
            code = 128 + 9 if state.exit_code is None else state.exit_code
            reason = "StartError" if code == 127 else ("Error" if code else "Completed")
            container = {"terminated": {"exitCode": 128 if code == 127 else code, "reason": reason}}
        return {
            "metadata": {"name": f"{name}-pod", "labels": {"flowloft.io/job": name}},
            "spec": {"nodeName": "stub"},
            "status": {"phase": "Running", "containerStatuses": [{"state": container}]},
        }

    def deploy(self, name: str, body: dict[str, Any]) -> None:
        """Starts the pod of a Deployment; a Job in all but name here."""
        self.deployments[name] = body
        self.jobs[name] = body
        self.start_what_can()
        del self.jobs[name]

    def suspend(self, name: str) -> None:
        self.local.cancel(self.running[name])

    def _state(self, name: str) -> JobState:
        return self.local.states([self.running[name]])[self.running[name]]


class _Api(BaseHTTPRequestHandler):
    cluster: ClassVar[Cluster]

    def log_message(self, *_: Any) -> None:
        """Stays silent."""

    def _answer(self, status: int, body: Any) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _refuse(self, status: int, message: str) -> None:
        self._answer(status, {"kind": "Status", "status": "Failure", "message": message, "code": status})

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        address = urlsplit(self.path)
        parts = [part for part in address.path.split("/") if part]
        kind = parts[parts.index("namespaces") + 2]
        rest = parts[parts.index(kind) + 1 :]
        if self.cluster.broken:
            return self._refuse(503, "the server is currently unable to handle the request")
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self._refuse(401, "Unauthorized")
        chosen = parse_qs(address.query).get("labelSelector", [""])[0].partition("=")[2]
        with self.cluster.lock:
            return getattr(self, f"_{self.command.lower()}_{kind}")(rest, body, chosen)

    do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - names of the base class

    def _post_jobs(self, rest: list[str], body: Any, chosen: str) -> None:
        name = body["metadata"]["name"]
        if body["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["cpu"] == "4000":
            return self._refuse(403, "exceeded quota: compute, requested: limits.cpu=4k")
        if name in self.cluster.jobs:
            return self._refuse(409, f'jobs.batch "{name}" already exists')
        body["metadata"]["uid"] = f"uid-{name}"
        self.cluster.jobs[name] = body
        self.cluster.start_what_can()
        return self._answer(201, body)

    def _post_deployments(self, rest: list[str], body: Any, chosen: str) -> None:
        body["metadata"]["uid"] = f"uid-{body['metadata']['name']}"
        self.cluster.deploy(body["metadata"]["name"], body)
        self._answer(201, body)

    def _get_deployments(self, rest: list[str], body: Any, chosen: str) -> None:
        self._answer(200, {"items": list(self.cluster.deployments.values())})

    def _delete_deployments(self, rest: list[str], body: Any, chosen: str) -> None:
        if rest[0] not in self.cluster.deployments:
            return self._refuse(404, f'deployments.apps "{rest[0]}" not found')
        del self.cluster.deployments[rest[0]]
        self.cluster.services.pop(rest[0], None)
        self.cluster.local.cancel(self.cluster.running.pop(rest[0]))
        return self._answer(200, {"status": "Success"})

    def _post_services(self, rest: list[str], body: Any, chosen: str) -> None:
        self.cluster.services[body["metadata"]["name"]] = body
        self._answer(201, body)

    def _post_secrets(self, rest: list[str], body: Any, chosen: str) -> None:
        self.cluster.secrets[body["metadata"]["name"]] = body["stringData"]
        self.cluster.start_what_can()
        self._answer(201, body)

    def _get_jobs(self, rest: list[str], body: Any, chosen: str) -> None:
        if rest and rest[0] not in self.cluster.jobs:
            return self._refuse(404, f'jobs.batch "{rest[0]}" not found')
        if rest:
            return self._answer(200, self.cluster.job(rest[0]))
        return self._answer(200, {"items": [self.cluster.job(name) for name in self.cluster.jobs]})

    def _get_pods(self, rest: list[str], body: Any, chosen: str) -> None:
        if rest:
            name = self.cluster.running[rest[0].removesuffix("-pod")]
            log = Path(self.cluster.local.folder) / name / "log"
            return self._answer(200, log.read_bytes() if log.exists() else b"")
        names = [name for name in self.cluster.running if chosen in ("", name)]
        return self._answer(200, {"items": [self.cluster.pod(name) for name in names]})

    def _patch_jobs(self, rest: list[str], body: Any, chosen: str) -> None:
        job = self.cluster.jobs[rest[0]]
        job["metadata"] |= body["metadata"]
        job["spec"] |= body["spec"]
        self.cluster.suspend(rest[0])
        self._answer(200, job)


@contextmanager
def stub(folder: Path) -> Iterator[tuple[str, Cluster]]:
    """Serves the API; gives its address and what it knows."""
    cluster = Cluster(folder)
    api = type("Api", (_Api,), {"cluster": cluster})
    server = ThreadingHTTPServer(("127.0.0.1", 0), api)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", cluster
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
