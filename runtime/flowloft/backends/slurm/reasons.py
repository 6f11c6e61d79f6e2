"""What Slurm's reasons mean to who waits, and what to do about them.

Source: https://slurm.schedmd.com/job_reason_codes.html
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

LIMIT = (
    "A limit of your account, your user or the quality of service holds it back. It begins when your other "
    "jobs have ended, unless it alone asks for more than the limit: then cancel it and ask for less."
)
_LARGE = (
    "It asks for more than its partition gives, so it will not begin by itself. Cancel it and ask for less, "
    "or choose another partition."
)
_AWAY = (
    "Nodes that it needs are down, drained or reserved. It begins when they are back; `sinfo -R` says why "
    "they are away. Another partition may be free."
)
_CLOSED = "Its partition takes no jobs now. It begins when it is opened again, or choose another partition."
_HELD = "It is held, so it will not begin by itself. `scontrol release` lets it go."
_RIGHTS = (
    "Slurm does not let this account, partition or quality of service be used together, so it will not begin "
    "by itself. Cancel it and correct the backend's settings."
)
HINTS = {
    "Resources": "It begins as soon as other jobs have given back what it asks for.",
    "Priority": "Jobs with a higher priority come first; it begins after them.",
    "BeginTime": "It begins at the time that was asked for.",
    "Dependency": "It begins when the jobs that it depends on have ended.",
    "DependencyNeverSatisfied": "A job that it depends on has failed, so it will never begin. Cancel it.",
    "Licenses": "It begins when a licence is free.",
    "Reservation": "It begins with its reservation.",
    "PartitionTimeLimit": (
        "It asks for more time than its partition gives, so it will not begin by itself. Cancel it and ask "
        "for fewer minutes, or choose another partition."
    ),
    "PartitionConfig": _LARGE,
    "PartitionNodeLimit": _LARGE,
    "BadConstraints": (
        "No node of the partition can ever do what it asks for. Ask for less, or choose another."
    ),
    "MaxMemPerLimit": (
        "It asks for more memory than a job may have here, so it will not begin by itself. Cancel it and ask "
        "for less memory."
    ),
    "ReqNodeNotAvail": _AWAY,
    "NodeDown": _AWAY,
    "Nodes required for job are DOWN": _AWAY,
    "PartitionDown": _CLOSED,
    "PartitionInactive": _CLOSED,
    "JobHeldUser": _HELD,
    "JobHeldAdmin": "An administrator holds it. Ask them; until then it will not begin.",
    "InvalidAccount": _RIGHTS,
    "InvalidQOS": _RIGHTS,
    "AccountNotAllowed": _RIGHTS,
    "QOSNotAllowed": _RIGHTS,
    "JobLaunchFailure": "The node could not start it, or ended it. What it wrote says more; send it again.",
}
_A_LIMIT = re.compile(r"^(Assoc|QOS|Max\w+Per(Account|User|Job|Node))\w*")
_TOO_MUCH = re.compile(r"^slurmstepd.*?: error: (.*(?:exceeded memory limit|oom[_-]kill).*)$", re.M | re.I)
_END_OF_LOG = 8192


def what_to_do(why: str) -> str:
    """Returns what a reason of Slurm's means and what to do; empty for one that nobody wrote about.

    Args:
        why: A word of Slurm's (``PartitionTimeLimit``), often with more behind a comma, or a sentence.
    """
    word = why.split(",")[0].strip()
    return HINTS.get(word) or (LIMIT if _A_LIMIT.match(word) else "")


def ran_out_of_memory(log: Path) -> str:
    """Returns what Slurm wrote into the end of a log when it ended a job for want of memory."""
    with suppress(OSError), log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _END_OF_LOG))
        found = _TOO_MUCH.search(file.read().decode("utf-8", "replace"))
        return found[1].strip() if found else ""
    return ""
