"""Opens each place to compute that this machine can really offer, or stands a stub in for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flowloft.backends.kubernetes import Kubernetes
from flowloft.backends.local import Local
from flowloft.backends.sensecore import SenseCore
from flowloft.backends.slurm import Slurm
from flowloft.backends.ssh import Ssh
from flowloft.core.backend import Backend

from tests.conformance import kubernetes_stub, sensecore_stub, slurm_cluster, ssh_server


@dataclass(frozen=True)
class Place:
    """A backend to test, and what it cannot do."""

    backend: Backend
    unknown: str
    shortest: float = 1.0
    errors_apart: bool = True
    refuses: bool = True


@contextmanager
def _local(folder: Path) -> Iterator[Place]:
    yield Place(Local(folder=str(folder)), unknown="0123456789abcdef")


@contextmanager
def _slurm(folder: Path) -> Iterator[Place]:
    missing = slurm_cluster.missing()
    if missing or os.geteuid() != 0:
        pytest.skip(f"needs root and {missing or 'Slurm'}")
    (folder / "cluster").mkdir()
    with slurm_cluster.cluster(folder / "cluster") as cluster:
        backend = Slurm(folder=str(folder / "jobs"), config=str(cluster.config))
        yield Place(backend, unknown="999999-0123456789ab", shortest=60)


@contextmanager
def _ssh(folder: Path) -> Iterator[Place]:
    with ssh_server.server(folder) as server:
        options = [f"UserKnownHostsFile={server.known_hosts}", "StrictHostKeyChecking=yes"]
        backend = Ssh(
            host="127.0.0.1",
            port=server.port,
            key=str(server.key),
            options=options,
            folder=str(folder / "jobs"),
        )
        yield Place(backend, unknown="0123456789abcdef")


@contextmanager
def _kubernetes(folder: Path) -> Iterator[Place]:
    with kubernetes_stub.stub(folder / "pods") as (address, _):
        backend = Kubernetes(server=address, token=kubernetes_stub.TOKEN)
        yield Place(backend, unknown="flowloft-0123456789", errors_apart=False)


@contextmanager
def _sensecore(folder: Path) -> Iterator[Place]:
    (folder / "stub").mkdir()
    backend = SenseCore(
        workspace="share",
        cluster="pool",
        image="registry/image:1",
        worker_spec="N6lS.Iu.I80.{gpus}",
        folder=str(folder / "jobs"),
        program=str(sensecore_stub.install(folder / "stub")),
    )
    yield Place(backend, unknown="pt-0123456789-0123456789ab", refuses=False)


_PLACES: dict[str, Callable[[Path], AbstractContextManager[Place]]] = {
    "kubernetes": _kubernetes,
    "local": _local,
    "sensecore": _sensecore,
    "slurm": _slurm,
    "ssh": _ssh,
}


def open_place(key: str, folder: Path) -> AbstractContextManager[Place]:
    """Opens the place of a backend. A new backend needs a place here before its tests pass."""
    return _PLACES[key](folder)
