"""What a worker process does for services. Their doors may be on the loopback of the studio's own only."""

from __future__ import annotations

from backend.serving.watching import ServiceWatch

_WATCH = ServiceWatch()
_WATCH.go_with_the_worker()
