"""The queue of work. A message is a hint; the row in the database is the truth."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_ready, worker_shutting_down
from django.conf import settings
from redis import RedisError

from backend.common.health import BEAT_EVERY, beat, leave
from backend.config.joining import offer_key

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings")

QUEUES = ("interactive", "batch", "training")
"""Kinds of work: someone waits for it; nobody waits; it takes hours."""

app = Celery("flowloft")
app.set_default()  # for every thread, not only the one that imports this
app.conf.update(
    broker_url=settings.CELERY_URL,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # Publishing to a broker that hangs would otherwise wait for ever.
    broker_transport_options={
        "socket_timeout": 5,
        "socket_connect_timeout": 5,
        "global_keyprefix": "flowloft:",
    },
    broker_pool_limit=4,
    task_default_queue="interactive",
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    worker_send_task_events=False,
    worker_enable_remote_control=False,
    timezone="UTC",
)
app.autodiscover_tasks([f"backend.{name}" for name in settings.APPS])

_gone = threading.Event()


@setup_logging.connect
def _keep_logging(**_: Any) -> None:
    """Leaves logging as the settings have it: Celery stays out of it once someone listens here."""


@worker_ready.connect
def _start_beating(sender: Any, **_: Any) -> None:
    threading.Thread(target=_beat, args=(str(sender.hostname),), name="beat", daemon=True).start()


@worker_shutting_down.connect
def _stop_beating(**_: Any) -> None:
    _gone.set()


def _beat(worker: str) -> None:
    while True:
        with contextlib.suppress(RedisError):
            beat(worker)
            offer_key(settings.ENVIRONMENT, settings.FLOWLOFT_ENCRYPTION_KEY)
        if _gone.wait(BEAT_EVERY):
            break
    with contextlib.suppress(RedisError):
        leave(worker)
