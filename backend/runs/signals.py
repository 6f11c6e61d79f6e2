"""What other apps may hang on a run without the run knowing them."""

from __future__ import annotations

from django.dispatch import Signal

run_ended = Signal()
"""Sent with ``run`` inside the transaction of the terminal event, so that whoever writes in it
writes together with the end, or not at all."""

run_woken = Signal()
"""Sent with ``run`` when a run that waited is queued again, inside the transaction that queues it."""
