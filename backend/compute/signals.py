"""What other apps may hang on a job without the job knowing them."""

from __future__ import annotations

from django.dispatch import Signal

job_changed = Signal()
"""Sent with ``job`` whenever its ``state`` changed, inside the transaction that saves the change:
whoever writes in it writes together with the change, or not at all. Look at ``job.purpose`` first."""

job_wrote = Signal()
"""Sent with ``job`` and ``piece`` (bytes) for a job with ``follow``, inside the transaction that
saves how far its log has been read: each byte comes once and in order, whatever is restarted. A
receiver may return how many bytes it took; the rest comes again, with what follows."""
