"""Stands in for SenseCore's client: jobs are processes here. Run as a program by the tests."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from flowloft.backends.local import Local
from flowloft.core.job import Job, Reason

FOLDER = Path(__file__).parent


def install(folder: Path) -> Path:
    """Puts the program into a folder; returns its path."""
    program = folder / "sco"
    paths = [path for path in sys.path if path]
    code = (
        Path(__file__).read_text(encoding="utf-8").replace("Path(__file__).parent", f"Path({str(folder)!r})")
    )
    head = f"#!{sys.executable}\nimport sys\nsys.path[:0] = {paths!r}\n"
    program.write_text(head + code.replace("from __future__ import annotations\n", ""), encoding="utf-8")
    program.chmod(0o755)
    return program


def _describe(local: Local, name: str) -> str:
    path = FOLDER / name
    if not path.exists():
        sys.exit(f"Error: training job {name} not found")
    state = local.states([path.read_text()])[path.read_text()]
    ends = {Reason.COMPLETED: "SUCCEEDED", Reason.CANCELLED: "SUSPENDED"}
    word = ends.get(state.reason, "FAILED") if state.reason else "RUNNING"
    return json.dumps({"name": name, "state": word})


def main() -> None:
    """Does what the client does."""
    verb, *rest = sys.argv[3:]
    options = dict(word[2:].split("=", 1) for word in rest if word.startswith("--") and "=" in word)
    names = [word for word in rest if word.startswith("pt-")]
    local = Local(folder=str(FOLDER / "pods"))
    if verb == "create":
        if options["worker-spec"].endswith(".9"):
            sys.exit("Error: worker spec not supported by the cluster")
        job_id = local.submit(Job(argv=["sh", "-c", options["command"]]))
        (FOLDER / f"pt-{job_id}").write_text(job_id)
        (FOLDER / f"title-{job_id}").write_text(options["job-name"])
        sys.stdout.write(f"training job pt-{job_id} is created\n")
    elif verb == "list":
        found = [
            {"name": path.name, "display_name": (FOLDER / f"title-{path.name[3:]}").read_text()}
            for path in FOLDER.glob("pt-*")
        ]
        sys.stdout.write(json.dumps({"training_jobs": found}))
    elif verb == "describe":
        sys.stdout.write(_describe(local, names[0]))
    elif verb == "stop":
        local.cancel((FOLDER / names[0]).read_text())


if __name__ == "__main__":
    main()
