"""How much memory a served model takes, and what follows for its parameters.

On a GPU with ``M`` bytes, of which the engine may take a part ``f``, one of ``tp`` devices holds

    weights / tp  +  working memory  +  cache

- working memory: 1.5 GiB for the CUDA context, the kernels and the recorded graphs, and
  ``8192 * (4 * hidden + 2 * intermediate / tp) * 2`` bytes for the activations of the largest step,
  and ``256 * vocabulary * 4`` for the logits;
- the cache takes ``kv_bytes_per_token * tokens``, divided by the devices that the key-value heads can
  be divided over (a latent cache cannot be divided).

``tp`` divides the heads, and divides or is a multiple of the key-value heads.
Source: Kwon et al. 2023, "Efficient Memory Management for Large Language Model Serving with
PagedAttention"; Shoeybi et al. 2019, "Megatron-LM" for what tensor parallelism divides.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from flowloft.core.framework import Choice, Serving, Wish
from flowloft.core.hardware import GIB, Hardware
from flowloft.core.model_facts import ModelFacts

FRACTION = 0.9
"""Part of a device that the engine takes; the rest is for the driver and for peaks."""
STEP_TOKENS = 8192
"""Tokens of the largest step."""
SEQUENCES = 256
FIXED = int(1.5 * GIB)
USUAL_CONTEXT = 32_768
"""Tokens of a request where nobody asks for more; longer ones cost others their place."""
SHORTEST_CONTEXT = 2048
FP8_CAPABILITY = 8.9
BF16_CAPABILITY = 8.0


@dataclass(frozen=True, slots=True)
class Room:
    """What one device holds, in bytes; ``tokens`` is what the rest keeps."""

    device: int
    usable: int
    weights: int
    working: int
    cache: int
    per_token: int
    tokens: int


def room(facts: ModelFacts, tp: int, device_bytes: int, dtype: str, fraction: float = FRACTION) -> Room:
    """Returns the arithmetic for one of ``tp`` devices."""
    usable = int(device_bytes * fraction)
    weights = math.ceil(facts.weight_bytes_as(dtype) / tp)
    activations = STEP_TOKENS * (4 * facts.hidden + 2 * facts.intermediate // tp) * 2
    working = FIXED + activations + SEQUENCES * facts.vocabulary * 4
    per_token = math.ceil(facts.kv_bytes_per_token() / (1 if facts.latent else min(tp, facts.kv_heads)))
    cache = max(0, usable - weights - working)
    return Room(device_bytes, usable, weights, working, cache, per_token, cache // per_token)


def dividers(facts: ModelFacts, devices: int) -> list[int]:
    """Returns the numbers of devices that one copy can be divided over, smallest first."""
    return [
        tp
        for tp in range(1, devices + 1)
        if facts.heads % tp == 0 and (facts.kv_heads % tp == 0 or tp % facts.kv_heads == 0)
    ]


def shown(size: float) -> str:
    """Returns bytes as people read them: ``14.2 GiB``."""
    return f"{size / GIB:.1f} GiB" if size >= GIB / 10 else f"{size / (1 << 20):.0f} MiB"


def on_devices(
    facts: ModelFacts, hardware: Hardware, wish: Wish, *, can_fp8: bool = True, copies: bool = True
) -> Choice[Serving | None]:
    """Chooses how a model is laid over GPUs: the fewest devices that hold the weights and the usual
    context, and as many copies as the devices allow. Where no number does, the context is shortened;
    then weights are made smaller while loading, where the devices compute in fp8."""
    count = len(hardware.devices)
    memory = min(device.free for device in hardware.devices)
    capability = min(device.capability for device in hardware.devices)
    usual = min(facts.context, wish.context or USUAL_CONTEXT)
    if wish.context > facts.context:
        return Choice(None, f"It was made for {facts.context:,} tokens; {wish.context:,} were asked for.")
    dtype = wish.dtype or _dtype(facts, capability)
    possible = dividers(facts, count)
    if wish.tensor_parallel:
        if wish.tensor_parallel not in possible:
            return Choice(
                None,
                f"{wish.tensor_parallel} devices cannot share it: they must divide its {facts.heads} heads "
                f"({facts.kv_heads} for keys and values), and {count} are there. "
                f"Possible: {', '.join(map(str, possible))}.",
            )
        possible = [wish.tensor_parallel]
    rejected: list[tuple[str, str]] = []
    kinds = [dtype]
    if can_fp8 and not wish.dtype and not facts.quantisation and capability >= FP8_CAPABILITY:
        kinds.append("fp8")
    lowest = usual if wish.context else min(usual, SHORTEST_CONTEXT)
    for kind in kinds:
        for wanted in dict.fromkeys((usual, lowest)):
            for tp in possible:
                found = room(facts, tp, memory, kind)
                if found.tokens >= wanted:
                    return _laid(
                        facts, tp, count if copies else tp, found, kind, dtype, wish, usual, rejected
                    )
                rejected.append(
                    (f"{kind}, {tp} × {shown(memory)}, {wanted:,} tokens", _why(found, tp, wanted))
                )
    tried = rejected[-1][1] if rejected else ""
    return Choice(None, f"It does not fit {count} × {shown(memory)}. {tried}".strip(), tuple(rejected))


def _why(found: Room, tp: int, wanted: int) -> str:
    if not found.cache:
        over = found.weights + found.working
        return (
            f"Each of {tp} would hold {shown(found.weights)} of weights and {shown(found.working)} to work "
            f"with, {shown(over)} of {shown(found.usable)} usable."
        )
    return f"{shown(found.cache)} are left for {found.tokens:,} tokens; {wanted:,} are needed."


def _laid(
    facts: ModelFacts,
    tp: int,
    count: int,
    found: Room,
    kind: str,
    dtype: str,
    wish: Wish,
    usual: int,
    rejected: list[tuple[str, str]],
) -> Choice[Serving | None]:
    context = min(usual, found.tokens // 256 * 256) if found.tokens < usual else usual
    replicas = max(1, count // tp)
    each = max(1, min(context, 2048))
    serving = Serving(
        parallel=wish.parallel or max(1, min(SEQUENCES, found.tokens // each)),
        context=context,
        tensor_parallel=tp,
        replicas=1 if wish.tensor_parallel else replicas,
        dtype=dtype,
        quantisation="fp8" if kind == "fp8" and dtype != "fp8" else "",
        memory_fraction=FRACTION,
        cache_tokens=found.tokens,
        adapters=wish.adapters,
        allow_code=wish.allow_code,
    )
    stored = "fp8" if kind == "fp8" else facts.quantisation or dtype
    reason = (
        f"On each of {tp} × {shown(found.device)}: {shown(found.weights)} of weights ({stored}), "
        f"{shown(found.working)} to work with, and "
        f"{shown(found.cache)} for {found.tokens:,} tokens at {shown_small(found.per_token)} each."
    )
    if serving.replicas > 1:
        reason += f" {count} devices hold {serving.replicas} copies."
    if context < min(facts.context, USUAL_CONTEXT):
        reason += f" That is why a request holds {context:,} tokens and not {facts.context:,}."
    return Choice(serving, reason, tuple(rejected))


def shown_small(size: float) -> str:
    """Returns small sizes as people read them: ``56 KiB``."""
    return f"{size / 1024:.0f} KiB" if size >= 1024 else f"{size:.0f} bytes"


def _dtype(facts: ModelFacts, capability: float) -> str:
    """bfloat16 where the devices compute in it, as models of today are made in it."""
    if facts.dtype == "float16" or 0 < capability < BF16_CAPABILITY:
        return "float16"
    return "bfloat16"


CPU_OVERHEAD = int(2.5 * GIB)
"""What the processes of an engine take besides weights and cache; measured with vLLM 0.32."""


def on_processor(facts: ModelFacts, hardware: Hardware, wish: Wish) -> Choice[Serving | None]:
    """Chooses how a model is served from main memory: all of it, or nothing. A processor that imitates
    bfloat16 computes in float32 as long as that fits: three times as much in a second with eight
    requests at once, measured with vLLM 0.32 and avx2."""
    if wish.context > facts.context:
        return Choice(None, f"It was made for {facts.context:,} tokens; {wish.context:,} were asked for.")
    if wish.dtype:
        possible = [wish.dtype]
    elif facts.job != "chat":
        possible = ["float32"]
    else:
        possible = ["bfloat16"] if hardware.bf16 else ["float32", "bfloat16"]
    rejected: list[tuple[str, str]] = []
    for dtype in possible:
        found = _on_processor_as(dtype, facts, hardware, wish)
        if found.value is not None:
            why = " The processor has no arithmetic for bf16." if dtype != possible[-1] else ""
            return Choice(found.value, found.reason + why, tuple(rejected))
        rejected.append((dtype, found.reason))
    return Choice(None, rejected[-1][1])


def _on_processor_as(dtype: str, facts: ModelFacts, hardware: Hardware, wish: Wish) -> Choice[Serving | None]:
    weights = facts.weight_bytes_as(dtype)
    left = hardware.free - weights - CPU_OVERHEAD
    context = min(facts.context, wish.context or 4096)
    parallel = wish.parallel or 8
    per_token = max(1, facts.kv_bytes_per_token(4.0 if dtype == "float32" else 2.0))
    needed = math.ceil(context * per_token / GIB)
    cache = min(max(needed, math.ceil(parallel * context * per_token / GIB)), max(0, left // GIB))
    if cache < needed:
        return Choice(
            None,
            f"{shown(weights)} of weights, {shown(CPU_OVERHEAD)} to work with and {needed} GiB for "
            f"{context:,} tokens are more than the {shown(hardware.free)} of free memory.",
        )
    serving = Serving(
        threads=wish.threads or 1,
        parallel=parallel,
        context=context,
        dtype=dtype,
        cache_bytes=int(cache) * GIB,
        cache_tokens=int(cache) * GIB // per_token,
        adapters=wish.adapters,
        allow_code=wish.allow_code,
    )
    return Choice(
        serving,
        f"On the processor: {shown(weights)} of weights ({dtype}), {shown(CPU_OVERHEAD)} to work with and "
        f"{cache} GiB for {serving.cache_tokens:,} tokens at {shown_small(per_token)} each, "
        f"of {shown(hardware.free)} free memory.",
    )
