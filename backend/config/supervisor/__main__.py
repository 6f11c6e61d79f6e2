"""The program behind `make run` and `make worker`.

    python -m backend.config.supervisor             a whole studio
    python -m backend.config.supervisor --worker    one more worker for the studio that REDIS_URL and
                                                    DATABASE_URL name [--queues interactive,batch]

Before anything else starts, `manage.py prepare` (backend/config/management) migrates the database, refuses
what is unsafe, and prints the one-time link of a studio that has no owner.
"""

from __future__ import annotations

import argparse
import fcntl
import http.client
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from typing import TextIO

from backend.config.environment import Environment, SettingError, read_environment
from backend.config.secrets import private_dir
from backend.config.supervisor import parts
from backend.config.supervisor.children import WATCHED, Child
from backend.config.supervisor.preparation import prepare


def take_lock(environment: Environment) -> TextIO:
    """Holds the data directory for this studio alone, until the process ends.

    Raises:
        SettingError: Another studio uses it.
    """
    private_dir(environment.data)
    lock = (environment.data / "studio.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.seek(0)
        raise SettingError(
            f"A studio already runs with the data directory {environment.data} ({lock.read().strip()}). "
            "Stop it, or set FLOWLOFT_DATA and FLOWLOFT_PORT for a second one."
        ) from error
    lock.truncate(0)
    lock.write(f"process {os.getpid()} at {environment.address}")
    lock.flush()
    return lock


def ready(environment: Environment) -> bool:
    """Asks the web process whether all parts are there."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(environment.host, environment.host)  # noqa: S104
    connection = http.client.HTTPConnection(host, environment.port, timeout=2)
    try:
        connection.request("GET", "/api/v1/health", headers={"Host": f"127.0.0.1:{environment.port}"})
        return bool(json.load(connection.getresponse()).get("status") == "ready")
    except (OSError, ValueError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def keep(children: list[Child], environment: Environment, *, announce: bool) -> None:
    """Tends the children until SIGINT, SIGTERM or SIGHUP arrives."""
    started, announced = time.monotonic(), not announce
    while True:
        found = signal.sigtimedwait(WATCHED, 0.5 if announced else 0.05)
        if found is not None and found.si_signo != signal.SIGCHLD:
            return
        for child in children:
            child.tend(time.monotonic())
        if not announced and ready(environment):
            announced = True
            print(f"Flowloft is ready at {environment.address}  (Ctrl-C stops it)", flush=True)
        elif not announced and time.monotonic() - started > 60:
            announced = True
            print(f"Flowloft is slow to start; the logs are in {parts.logs(environment)}.", flush=True)


def stop(children: list[Child]) -> None:
    """Stops the newest first, the broker last; a second Ctrl-C changes nothing."""
    for child in reversed(children[1:]):
        child.ask_to_stop()
    for child in reversed(children[1:]):
        child.wait_stopped()
    for child in children[:1]:
        child.ask_to_stop()
        child.wait_stopped()


def expect_redis(environment: Environment) -> None:
    """Waits for the broker that the person brings, where it is not our own.

    Raises:
        SettingError: It does not answer.
    """
    if environment.redis_url and (reason := parts.wait_for_redis(environment.redis_url, 5)):
        raise SettingError(f"The broker that REDIS_URL names does not answer: {reason}")


def studio(environment: Environment) -> None:
    """Runs a whole studio."""
    lock = take_lock(environment)
    if not parts.port_is_free(environment):
        raise SettingError(
            f"Port {environment.port} of {environment.host} is taken. Set FLOWLOFT_PORT to another one."
        )
    expect_redis(environment)
    children: list[Child] = []
    for name in ("valkey", "web", "worker"):
        parts.rotate(parts.logs(environment) / f"{name}.log")
    try:
        if not environment.redis_url:
            children.append(parts.valkey(environment))
            children[0].start()
        said = prepare(environment)
        if children and not parts.wait_for_socket(environment.socket, 15):
            raise SettingError(f"The embedded Valkey did not start; its log is {children[0].log}.")
        for child in (parts.web(environment), parts.worker(environment)):
            children.append(child)
            child.start()
        if said:
            print(said, flush=True)
        keep(children, environment, announce=True)
        print("Stopping.", flush=True)
    finally:
        stop(children)
        lock.close()


def lone_worker(environment: Environment, queues: Sequence[str]) -> None:
    """Runs one more worker for a studio that is elsewhere."""
    if not environment.redis_url or not environment.database_url:
        raise SettingError("A further worker needs REDIS_URL and DATABASE_URL, the same as the studio's.")
    expect_redis(environment)
    child = parts.worker(environment, queues, name=f"worker-{os.getpid()}")
    child.env["FLOWLOFT_JOINS"] = "1"
    child.start()
    print(f"A worker for {', '.join(queues)} is starting; its log is {child.log}.", flush=True)
    try:
        keep([child], environment, announce=False)
    finally:
        child.ask_to_stop()
        child.wait_stopped()


def main() -> int:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="flowloft studio")
    parser.add_argument("--worker", action="store_true", help="run one more worker and nothing else")
    parser.add_argument("--queues", default=",".join(parts.QUEUES), help="kinds of work it takes")
    arguments = parser.parse_args()
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    try:
        environment = read_environment()
        queues = [queue for queue in arguments.queues.split(",") if queue]
        if unknown := set(queues) - set(parts.QUEUES):
            raise SettingError(
                f"No queue is called {', '.join(unknown)}. There are {', '.join(parts.QUEUES)}."
            )
        if arguments.worker:
            lone_worker(environment, queues)
        else:
            studio(environment)
    except SettingError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
