"""What the process inside the sandbox does to itself before any foreign code: limits, another
user, Landlock, seccomp. Standard library only: the file is mounted into the sandbox.

Source: man 2 setrlimit; https://docs.kernel.org/userspace-api/landlock.html and seccomp_filter.html
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import struct

PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2

_libc = ctypes.CDLL(None, use_errno=True)


def set_limits(limits: dict[str, float]) -> None:
    """Sets the limits of the kernel; children inherit them."""
    cpu, memory, files = int(limits["cpu"]), int(limits["memory"]), int(limits["files"])
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (files, files))
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The sandbox's own first process counts as one.
    processes = int(limits["processes"]) + 1
    resource.setrlimit(resource.RLIMIT_NPROC, (processes, processes))


def become(user: int) -> None:
    """Becomes a user that nobody else is; as root the limit of processes would not count."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def forbid_new_privileges() -> None:
    """Makes setuid programs harmless; Landlock and seccomp ask for it."""
    if _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_NO_NEW_PRIVS")


# --- Landlock: which files ---

_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_TRUNCATE, _IOCTL_DEV = 1 << 14, 1 << 15
_ONLY_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_RIGHTS_BY_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}


def landlock(readable: list[str], writable: list[str]) -> bool:
    """Allows only what lies beneath the given paths; no network, no signals to the outside.

    Returns:
        Whether the kernel has it.
    """
    version = _libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if version < 1:
        return False
    rights = _RIGHTS_BY_VERSION.get(version, (1 << 16) - 1)
    fields = [rights] + ([3] if version >= 4 else []) + ([3] if version >= 6 else [])
    wanted = struct.pack(f"={len(fields)}Q", *fields)
    ruleset = _libc.syscall(_LANDLOCK_CREATE, wanted, ctypes.c_size_t(len(wanted)), ctypes.c_uint32(0))
    if ruleset < 0:
        raise OSError(ctypes.get_errno(), "landlock_create_ruleset")
    for path in readable:
        _allow(ruleset, path, (_EXECUTE | _READ_FILE | _READ_DIR) & rights)
    for path in writable:
        _allow(ruleset, path, rights & ~(_EXECUTE | _IOCTL_DEV))
    if _libc.syscall(_LANDLOCK_RESTRICT, ruleset, ctypes.c_uint32(0)) != 0:
        raise OSError(ctypes.get_errno(), "landlock_restrict_self")
    os.close(ruleset)
    return True


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    if not os.path.isdir(path):
        rights &= _ONLY_FILES
    rule = struct.pack("=Qi", rights, beneath)
    if _libc.syscall(_LANDLOCK_ADD, ruleset, 1, rule, ctypes.c_uint32(0)) != 0:
        raise OSError(ctypes.get_errno(), "landlock_add_rule", path)
    os.close(beneath)


# --- seccomp: which system calls ---

_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
_CLONE, _SOCKET = (56, 220), (41, 198)
_NEW_SYSCALLS = (*range(425, 434), 435, 438, 442)
"""io_uring, the new mount calls, clone3, pidfd_getfd: the same number everywhere."""
_FORBIDDEN = {
    "acct": (163, 89),
    "add_key": (248, 217),
    "adjtimex": (159, 171),
    "bpf": (321, 280),
    "chroot": (161, 51),
    "clock_adjtime": (305, 266),
    "clock_settime": (227, 112),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "init_module": (175, 105),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "mknodat": (259, 33),
    "mount": (165, 40),
    "move_pages": (279, 239),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pivot_root": (155, 41),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "setdomainname": (171, 162),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "settimeofday": (164, 170),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}
_NEW_NAMESPACES = 0x7E020000
_AF_UNIX = 1
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NR, _ARCH, _FIRST_ARGUMENT = 0, 4, 16


def seccomp() -> bool:
    """Refuses, with EPERM, the calls that only an escape needs, and every socket but unix ones.

    Returns:
        Whether this architecture is known.
    """
    if platform.machine() not in _ARCHITECTURES:
        return False
    program = _program(*_ARCHITECTURES[platform.machine()])
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in program))
    header = struct.pack("=H6xQ", len(program), ctypes.addressof(code))
    if _libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_SECCOMP")
    return True


def _program(audit: int, column: int) -> list[tuple[int, int, int, int]]:
    """Returns the filter; its last three lines are allow, EPERM and ENOSYS."""
    forbidden = [numbers[column] for numbers in _FORBIDDEN.values()]
    forbidden += [number for number in _NEW_SYSCALLS if number != 435]
    lines: list[tuple[int, str, str, int]] = [(_LOAD, "", "", _ARCH), (_EQUAL, "", "kill", audit)]
    lines.append((_LOAD, "", "", _NR))
    lines.append((_AT_LEAST, "refuse", "", 0x40000000))
    lines += [(_EQUAL, "refuse", "", number) for number in forbidden]
    lines.append((_EQUAL, "unknown", "", 435))
    lines += [(_EQUAL, "", "over2", _CLONE[column]), (_LOAD, "", "", _FIRST_ARGUMENT)]
    lines.append((_ANY_BIT, "refuse", "allow", _NEW_NAMESPACES))
    lines += [(_EQUAL, "", "allow", _SOCKET[column]), (_LOAD, "", "", _FIRST_ARGUMENT)]
    lines.append((_EQUAL, "allow", "refuse", _AF_UNIX))
    ends = {"allow": 0, "refuse": 1, "unknown": 2, "kill": 3}

    def jump(target: str, at: int) -> int:
        if not target:
            return 0
        return 2 if target == "over2" else len(lines) - at - 1 + ends[target]

    program = [(op, jump(yes, at), jump(no, at), k) for at, (op, yes, no, k) in enumerate(lines)]
    last = (_ALLOW, _ERRNO | errno.EPERM, _ERRNO | errno.ENOSYS, _KILL)
    return program + [(_RETURN, 0, 0, value) for value in last]
