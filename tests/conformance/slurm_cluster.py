"""A real Slurm of one node for the tests: no systemd, no cgroups, everything in one folder."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("slurmctld", "slurmd", "munged", "sbatch")


def missing() -> str:
    """Says which program is not installed; empty where all are."""
    return next((name for name in PROGRAMS if shutil.which(name) is None), "")


@dataclass(frozen=True)
class Cluster:
    """The running cluster."""

    folder: Path
    config: Path
    control: list[subprocess.Popen[bytes]]

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """Runs one of Slurm's commands against it."""
        env = {**os.environ, "SLURM_CONF": str(self.config)}
        return subprocess.run(argv, env=env, capture_output=True, text=True, check=False, timeout=30)

    def node(self, state: str) -> None:
        """Sets the state of the one node: ``DOWN`` ends its jobs, ``RESUME`` brings it back."""
        self.run("scontrol", "update", f"nodename={self.host}", f"state={state}", "reason=test")

    @property
    def host(self) -> str:
        return socket.gethostname().split(".")[0]

    def stop_control(self) -> None:
        """Takes the controller away, as a restart or a broken network does."""
        _end(self.control.pop())

    def start_control(self) -> None:
        """Brings the controller back with its memory."""
        env = {**os.environ, "SLURM_CONF": str(self.config)}
        argv = ["slurmctld", "-D", "-f", str(self.config)]
        self.control.append(_daemon(argv, self.folder / "ctl.out", env))
        _until(lambda: self.run("scontrol", "ping").stdout.find("is UP") >= 0, "slurmctld")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _daemon(argv: list[str], log: Path, env: dict[str, str]) -> subprocess.Popen[bytes]:
    with log.open("ab") as out:
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env)


def _until(true: object, what: str) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if true():  # type: ignore[operator]
            return
        time.sleep(0.05)
    raise TimeoutError(f"{what} did not come up")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _config(folder: Path, memory: int, settings: dict[str, str]) -> str:
    host = socket.gethostname().split(".")[0]
    asked = "\n".join(f"{name}={value}" for name, value in {"EnforcePartLimits": "ALL", **settings}.items())
    return f"""
ClusterName=flowloft
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={_free_port()}
SlurmdPort={_free_port()}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmdSpoolDir={folder}/spool
StateSaveLocation={folder}/state
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
PreemptType=preempt/partition_prio
PreemptMode=CANCEL
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=batch_sched_delay=0,sched_interval=1
KillWait=2
MinJobAge=300
ReturnToService=2
{asked}
SchedulerType=sched/builtin
DefMemPerCPU=100
SwitchType=switch/none
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/jobcomp
AccountingStorageType=accounting_storage/none
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory={memory} Gres=gpu:2 State=UNKNOWN
PartitionName=work Nodes={host} Default=YES PriorityTier=1 MaxTime=60 State=UP
PartitionName=urgent Nodes={host} PriorityTier=10 State=UP
"""


@contextmanager
def cluster(folder: Path, memory: int = 1000, **settings: str) -> Iterator[Cluster]:
    """Starts the cluster, of a node with so many MB and further settings of slurm.conf, and ends it with all
    it has started. Needs root: slurmd does."""
    for name in ("spool", "state"):
        (folder / name).mkdir()
    folder.chmod(0o755)
    config = folder / "slurm.conf"
    config.write_text(_config(folder, memory, settings))
    for index in range(2):
        os.mknod(folder / f"fakegpu{index}", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    (folder / "gres.conf").write_text(f"Name=gpu File={folder}/fakegpu[0-1]\n")
    key = folder / "munge.key"
    key.write_bytes(os.urandom(1024))
    key.chmod(0o600)
    env = {**os.environ, "SLURM_CONF": str(config)}
    files = [f"--{name}-file={folder}/munge.{name}" for name in ("key", "pid", "log", "seed")]
    files.append(f"--socket={folder}/munge.socket")
    munge = _daemon(["munged", "--force", "--foreground", *files], folder / "munge.out", env)
    node: subprocess.Popen[bytes] | None = None
    running = Cluster(folder, config, [])
    try:
        _until((folder / "munge.socket").exists, "munged")
        running.start_control()
        node = _daemon(["slurmd", "-D", "-f", str(config)], folder / "node.out", env)
        _until(lambda: "idle" in running.run("sinfo", "-h", "-o", "%T").stdout, "slurmd")
        yield running
    finally:
        with suppress(Exception):
            running.run("scancel", "--user=root", "--full")
            time.sleep(0.5)
        for process in (node, *running.control, munge):
            if process is not None:
                _end(process)
        _end_leftovers(config)


def _end_leftovers(config: Path) -> None:
    """Ends the steps of jobs that were still running; they are children of nobody here."""
    mark = f"SLURM_CONF={config}".encode()
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if entry.name.isdigit() and mark in (entry / "environ").read_bytes().split(b"\0"):
                os.kill(int(entry.name), signal.SIGKILL)
