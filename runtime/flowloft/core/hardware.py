"""What a machine has to compute with."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import time
from dataclasses import dataclass

GIB = 1 << 30
BF16 = {"avx512_bf16", "amx_bf16", "bf16"}
"""Flags of processors that multiply in bf16, of x86 and of Arm."""


@dataclass(frozen=True, slots=True)
class Device:
    """One accelerator.

    Attributes:
        name: As the driver calls it.
        memory: Bytes that it has.
        free: Bytes that nobody uses now; ``memory`` where nobody knows.
        capability: CUDA compute capability, for instance 8.9; 0 where nobody knows.
    """

    name: str
    memory: int
    free: int
    capability: float = 0.0


@dataclass(frozen=True, slots=True)
class Hardware:
    """What one machine has.

    Attributes:
        devices: Accelerators, all alike.
        cpus: Cores.
        memory: Bytes of main memory.
        free: Bytes of it that can be had now.
        bf16: Whether the processor computes in bf16 itself. One that has to imitate it takes ten to a hundred
            times as long for a product of matrices as in fp32.
    """

    devices: tuple[Device, ...] = ()
    cpus: int = 1
    memory: int = 8 * GIB
    free: int = 8 * GIB
    bf16: bool = True


def gpus(count: int, memory_gb: int, capability: float = 8.0, name: str = "GPU") -> tuple[Device, ...]:
    """Returns ``count`` devices of ``memory_gb`` GiB, as one asks a cluster for them."""
    return (Device(name, memory_gb * GIB, memory_gb * GIB, capability),) * count


def hardware_here() -> Hardware:
    """Returns what this machine has now. Asked at most every few seconds."""
    return _here(int(time.monotonic() // 5))


@functools.lru_cache(1)
def _here(_moment: int) -> Hardware:
    total, free = _main_memory()
    return Hardware(_devices(), len(os.sched_getaffinity(0)), total, free, _computes_bf16())


def _main_memory() -> tuple[int, int]:
    found: dict[str, int] = {}
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            for line in file:
                name, _, rest = line.partition(":")
                found[name] = int(rest.split()[0]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    total = found.get("MemTotal") or os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return total, found.get("MemAvailable", total)


@functools.cache
def _computes_bf16() -> bool:
    """Source: ``arch/x86/include/asm/cpufeatures.h`` and ``arch/arm64/kernel/cpuinfo.c`` of Linux."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            facts = next((line for line in file if line.lower().startswith(("flags", "features"))), "")
    except OSError:
        return False
    return not BF16.isdisjoint(facts.partition(":")[2].split())


def _devices() -> tuple[Device, ...]:
    """Source: ``nvidia-smi --help-query-gpu``."""
    smi = shutil.which("nvidia-smi")
    if smi is None:
        return ()
    asked = [smi, "--query-gpu=name,memory.total,memory.free,compute_cap", "--format=csv,noheader,nounits"]
    try:
        told = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    devices = []
    for line in told.splitlines():
        parts = [part.strip() for part in line.split(",")]
        try:
            name, total, free, capability = parts
            devices.append(Device(name, int(total) << 20, int(free) << 20, float(capability)))
        except ValueError:
            continue
    return tuple(devices)
