"""What looks at the health of services, and starts again what fell."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import httpx
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from flowloft.core.framework import FRAMEWORKS

from backend.common.watch import Watch
from backend.serving.launching import key_of
from backend.serving.models import Service
from backend.serving.services import adapters_again, launch, stuck
from backend.serving.states import ANSWERING, State

LOOK = timedelta(seconds=5)
"""Between two looks at a service that answers; one that starts is looked at each tick."""
MISSES = 3
"""Looks without an answer after which a service counts as degraded."""
STUCK = 60
"""Looks without an answer after which its engine is ended and started again."""
SAMPLES = 240

_LINE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{[^}]*\})?\s+([0-9.eE+-]+|NaN)$", re.M)
_NAMES = {
    "generated": ("vllm:generation_tokens_total", "llamacpp:tokens_predicted_total"),
    "running": ("vllm:num_requests_running", "llamacpp:requests_processing", "lightllm_batch_current_size"),
    "waiting": ("vllm:num_requests_waiting", "llamacpp:requests_deferred", "lightllm_queue_size"),
    "cache": ("vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc", "llamacpp:kv_cache_usage_ratio"),
}


def read_metrics(text: str) -> dict[str, float]:
    """Reads what is drawn from an engine's metrics: tokens generated, requests running and waiting,
    part of the cache in use. What an engine does not measure is left out."""
    sums: dict[str, float] = {}
    for name, value in _LINE.findall(text):
        sums[name] = sums.get(name, 0.0) + float(value)
    return {
        key: sums[name] for key, names in _NAMES.items() for name in names if name in sums and sums[name] >= 0
    }


class ServiceWatch(Watch):
    """Looks at the services."""

    what = "services"

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[Any, tuple[float, float]] = {}
        self._looked: dict[Any, float] = {}

    def look(self) -> None:
        now = timezone.now()
        due = Q(state=State.PENDING, next_start_at__lte=now)
        for row in Service.objects.filter(due):
            self._again(row.pk)
        answers = Q(state__in=[State.STARTING, *ANSWERING]) & ~Q(url="")
        for row in Service.objects.filter(answers):
            patient = row.state == State.READY
            last = self._looked.get(row.pk, 0.0)
            if patient and time.monotonic() - last < LOOK.total_seconds():
                continue
            self._looked[row.pk] = time.monotonic()
            self._health(row)

    def _again(self, id: Any) -> None:
        with transaction.atomic():
            row = Service.objects.select_for_update().get(pk=id)
            if row.state == State.PENDING and row.next_start_at is not None:
                launch(row)

    def _health(self, seen: Service) -> None:
        healthy, sample = self._ask(seen)
        first = healthy and seen.state == State.STARTING
        lost = adapters_again(seen) if first else []
        with transaction.atomic():
            row = Service.objects.select_for_update().get(pk=seen.pk)
            if row.url != seen.url or row.state not in (State.STARTING, *ANSWERING):
                return
            if healthy:
                row.state = State.READY
                row.ready_at = row.ready_at or timezone.now()
                row.message = "\n".join(lost) if first else ("" if row.misses else row.message)
                row.misses = 0
            else:
                row.misses += 1
                if row.misses >= MISSES and row.state == State.READY:
                    row.state = State.DEGRADED
                    row.message = "It runs, and does not answer for its health."
                elif row.misses >= STUCK and row.state == State.DEGRADED:
                    stuck(row)
                    return
            if sample:
                row.samples = [*row.samples, sample][-SAMPLES:]
            row.save()

    def _ask(self, row: Service) -> tuple[bool, dict[str, float]]:
        paths = FRAMEWORKS.get(row.framework)
        headers = {"Authorization": f"Bearer {key_of(row)}"}
        try:
            with httpx.Client(trust_env=False, timeout=3, headers=headers) as client:
                healthy = client.get(row.url + paths.health).status_code == 200
                if not healthy:
                    return False, {}
                metrics = client.get(row.url + paths.metrics) if paths.metrics else None
                memory = client.get(f"{row.url}/door").json()
        except (httpx.HTTPError, ValueError):
            return False, {}
        found = read_metrics(metrics.text) if metrics is not None and metrics.status_code == 200 else {}
        return True, self._sample(row.pk, found | memory)

    def _sample(self, id: Any, found: dict[str, float]) -> dict[str, float]:
        now = time.time()
        sample = {"at": round(now, 1)}
        sample |= {key: round(value, 4) for key, value in found.items() if key != "generated"}
        if "generated" in found:
            before, count = self._seen.get(id, (now, found["generated"]))
            gained = max(0.0, found["generated"] - count)
            sample["tokens_per_second"] = round(gained / (now - before), 2) if now > before else 0.0
            self._seen[id] = (now, found["generated"])
        return sample
