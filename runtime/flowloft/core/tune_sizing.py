"""How much memory and time a fine-tune takes, and what follows for its parameters.

With ``P`` parameters, ``T`` of them trained, ``b`` examples of ``s`` tokens at once on a device:

- weights: ``4 P`` bytes on a processor (fp32, also where it computes in bf16), ``2 P`` on a GPU, ``0.55 P``
  for QLoRA;
- trained: ``16 T`` (weight, gradient and two moments, all fp32), divided by the devices with ZeRO 2 or 3;
- activations: ``34 b s hidden`` a layer, or ``2 b s hidden`` a layer and one whole layer with checkpointing,
  twice that in fp32;
- logits: ``3 * 4 b s vocabulary``;
- and a GiB for the framework.

A step of ``n`` tokens computes ``6 P n`` for full fine-tuning and ``4 P n`` where the base is frozen; with
checkpointing a third more.
Source: Korthikanti et al. 2022, "Reducing Activation Recomputation in Large Transformer Models" (34 b s h);
Rajbhandari et al. 2020, "ZeRO" (16 bytes a parameter); Kaplan et al. 2020 (6 P a token).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from flowloft.core.framework import Choice
from flowloft.core.hardware import GIB, Hardware
from flowloft.core.model_facts import ModelFacts
from flowloft.core.sizing import shown
from flowloft.core.trainer import DataFacts, Method, Precision, TunePlan, TuneWish

USABLE = 0.85
"""Part of the free memory that a plan may take."""
FRAMEWORK = GIB
SPEED_ONE_CORE = {"bf16": 1.2e11, "fp32": 2.5e10}
"""Operations a second of one core, by precision, measured on a model of 135 M parameters: one with
avx512_bf16, and one with nothing above avx2."""
SPEED_GPU = {9.0: 350e12, 8.0: 120e12, 0.0: 40e12}
"""Operations a second that training reaches, by compute capability: about 40 % of what is promised."""
SMALL = 500_000_000
"""Parameters below which a model needs a tenfold learning rate."""


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes on one device."""

    weights: int
    trained: int
    activations: int
    logits: int

    @property
    def total(self) -> int:
        """All of it, with the framework's own."""
        return self.weights + self.trained + self.activations + self.logits + FRAMEWORK


def lora_parameters(facts: ModelFacts, rank: int) -> int:
    """Returns how many numbers LoRA trains when it stands beside all linear layers of each block."""
    query, key = facts.heads * facts.head_dim, facts.kv_heads * facts.head_dim
    inner = facts.intermediate or 4 * facts.hidden
    attention = (facts.hidden + query) * 2 + (facts.hidden + key) * 2
    forward = (facts.hidden + inner) * 3 * max(1, facts.experts)
    return rank * facts.layers * (attention + forward)


def parameters(facts: ModelFacts) -> int:
    """Returns the numbers of a model, from its weights' size where no file tells."""
    return facts.parameters or facts.weight_bytes // 2


def precision_of(hardware: Hardware) -> tuple[Precision, str]:
    """Returns what products of matrices are computed in, and why."""
    if not hardware.devices:
        if hardware.bf16:
            return "bf16", "The processor computes in bf16 itself."
        return (
            "fp32",
            "The processor has no arithmetic for bf16, and imitating it takes far longer than fp32.",
        )
    if min(device.capability for device in hardware.devices) < 8:
        return "fp16", "The GPU has no arithmetic for bf16."
    return "bf16", "The GPU computes in bf16 itself."


def need(
    facts: ModelFacts,
    method: Method,
    rank: int,
    micro: int,
    tokens: int,
    *,
    checkpointing: bool,
    on_gpu: bool,
    precision: Precision,
    zero: int = 0,
    dp: int = 1,
) -> Need:
    """Returns what one device holds."""
    count = parameters(facts)
    trained = count if method == "full" else lora_parameters(facts, rank)
    per_weight = 0.55 if method == "qlora" else 2.0 if on_gpu else 4.0
    weights = 0 if method == "full" and not on_gpu else int(count * per_weight)
    layer = micro * tokens * facts.hidden
    activations = layer * (2 * facts.layers + 34) if checkpointing else layer * 34 * facts.layers
    activations *= 2 if precision == "fp32" else 1
    return Need(
        weights=weights // (dp if zero == 3 else 1),
        trained=trained * 16 // (dp if zero else 1),
        activations=activations,
        logits=12 * micro * tokens * facts.vocabulary,
    )


def settle(
    trainer: str,
    facts: ModelFacts,
    data: DataFacts,
    wish: TuneWish,
    hardware: Hardware,
    *,
    methods: tuple[Method, ...],
    can_shard: bool = True,
) -> Choice[TunePlan | None]:
    """Settles every value: the first method that fits, with the largest part of a batch at once that
    memory holds, and gradient checkpointing only where it has to be."""
    on_gpu = bool(hardware.devices)
    precision, _ = precision_of(hardware)
    free = min((device.free for device in hardware.devices), default=hardware.free)
    room = int(free * USABLE)
    devices = len(hardware.devices) or 1
    dp = math.gcd(devices, wish.batch)
    # What is never reached costs nothing: sizes follow the longest example, cutting the limit.
    limit = min(wish.max_tokens or facts.context, facts.context)
    tokens = min(limit, max(16, data.longest))
    wanted = (wish.method,) if wish.method else methods
    rejected: list[tuple[str, str]] = []
    for method in wanted:
        if method not in methods or (method == "qlora" and not on_gpu):
            rejected.append((method, "It needs a GPU." if method == "qlora" else "It is not offered here."))
            continue
        for zero in (0, 2, 3) if can_shard and dp > 1 else (0,):
            for checkpointing in (False, True):
                per_device = wish.batch // dp
                sizes = [wish.micro_batch] if wish.micro_batch else _halves(per_device)
                for micro in sizes:
                    found = need(
                        facts,
                        method,
                        wish.rank,
                        micro,
                        tokens,
                        checkpointing=checkpointing,
                        on_gpu=on_gpu,
                        precision=precision,
                        zero=zero,
                        dp=dp,
                    )
                    if found.total <= room:
                        plan = _plan(
                            trainer,
                            facts,
                            data,
                            wish,
                            hardware,
                            method,
                            zero,
                            checkpointing,
                            micro,
                            dp,
                            limit,
                            found,
                        )
                        return Choice(plan, _reason(method, found, free, hardware), tuple(rejected))
        smallest = need(
            facts,
            method,
            wish.rank,
            wish.micro_batch or 1,
            tokens,
            checkpointing=True,
            on_gpu=on_gpu,
            precision=precision,
            zero=3 if can_shard and dp > 1 else 0,
            dp=dp,
        )
        rejected.append(
            (
                method,
                f"Even one example at once with checkpointing takes {shown(smallest.total)}; "
                f"{shown(room)} may be used.",
            )
        )
    tried = " ".join(f"{name}: {why}" for name, why in rejected)
    return Choice(None, f"It does not fit. {tried}".strip(), tuple(rejected))


def _halves(largest: int) -> list[int]:
    """Returns the divisors of a batch from the whole down to one."""
    return [size for size in range(largest, 0, -1) if largest % size == 0]


def _reason(method: Method, found: Need, free: int, hardware: Hardware) -> str:
    place = f"each of {len(hardware.devices)} GPUs" if hardware.devices else "main memory"
    return (
        f"{method}: {shown(found.weights)} of weights, {shown(found.trained)} for what is trained, "
        f"{shown(found.activations + found.logits)} to compute with and {shown(FRAMEWORK)} for the framework "
        f"itself, of {shown(free)} free in {place}."
    )


def _plan(
    trainer: str,
    facts: ModelFacts,
    data: DataFacts,
    wish: TuneWish,
    hardware: Hardware,
    method: Method,
    zero: int,
    checkpointing: bool,
    micro: int,
    dp: int,
    limit: int,
    found: Need,
) -> TunePlan:
    count = parameters(facts)
    small = count < SMALL
    rate = wish.learning_rate or (2e-4 if method != "full" else 2e-5) * (10 if small else 1)
    if data.objective == "dpo" and not wish.learning_rate:
        rate /= 10
    accumulation = max(1, wish.batch // (micro * dp))
    batch = micro * accumulation * dp
    steps = max(1, math.ceil(math.ceil(data.examples / batch) * wish.epochs))
    operations = (6 if method == "full" else 4) * count * data.mean * data.examples * wish.epochs
    operations *= (4 / 3 if checkpointing else 1) * (3 if data.objective == "dpo" else 1)
    precision, why = precision_of(hardware)
    capability = min((device.capability for device in hardware.devices), default=0.0)
    speed = next(rate for least, rate in SPEED_GPU.items() if capability >= least) * dp
    speed = speed if hardware.devices else SPEED_ONE_CORE[precision]
    reasons = {
        "method": "A small part beside the frozen weights is trained: it needs the least memory and is "
        "taken off again."
        if method != "full"
        else "All weights are trained, as asked for.",
        "learning_rate": "As asked for."
        if wish.learning_rate
        else f"The usual {rate:g} for {method} and a model of {count / 1e6:.0f} M parameters.",
        "micro_batch": f"All {batch} examples of a step fit at once."
        if accumulation == dp == 1
        else f"{micro} at once fit; {accumulation * dp} such parts make a step of {batch} examples.",
        "checkpointing": "Activations are computed again, because they would not fit otherwise."
        if checkpointing
        else "Activations fit, so nothing is computed twice.",
        "precision": why,
        "dp": f"Each of {dp} devices takes its part of every step." if dp > 1 else "One device.",
        "zero": {
            0: "Everything fits on each device.",
            2: "Gradients and moments are divided over the devices.",
            3: "Weights, gradients and moments are divided over the devices.",
        }[zero],
        "max_tokens": f"The longest example has {data.longest:,} tokens.",
    }
    warnings = []
    if data.longest > limit:
        warnings.append(f"Examples longer than {limit:,} tokens are cut; the longest has {data.longest:,}.")
    if data.examples < 20:
        warnings.append(f"Only {data.examples} examples: expect the model to repeat them and little else.")
    if data.examples * wish.epochs > 0 and wish.epochs > 5 and data.examples < 1_000:
        warnings.append("Many rounds over few examples: the model may forget what it knew.")
    if not hardware.devices and count > 3_000_000_000:
        warnings.append("On a processor a model of this size takes very long.")
    return TunePlan(
        trainer=trainer,
        objective=data.objective,
        method=method,
        epochs=wish.epochs,
        steps=steps,
        learning_rate=rate,
        rank=wish.rank,
        alpha=wish.alpha or 2 * wish.rank,
        dropout=wish.dropout,
        batch=batch,
        micro_batch=micro,
        accumulation=accumulation,
        max_tokens=limit,
        checkpointing=checkpointing,
        precision=precision,
        dp=dp,
        zero=zero,
        gpus=dp if hardware.devices else 0,
        system=wish.system,
        seed=wish.seed,
        save_every=wish.save_every or max(1, steps // 5),
        merge=wish.merge or wish.gguf,
        gguf=wish.gguf,
        memory=found.total,
        seconds=operations / speed + 15,
        reasons=reasons,
        warnings=warnings,
    )
