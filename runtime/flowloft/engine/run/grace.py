"""How long those who were told to stop are waited for."""

GRACE = 0.5
"""Seconds that a graph waits for its running branches after one has failed."""

LAST_GRACE = 0.8
"""Seconds that a run waits for its steps after it was cancelled; what still runs is abandoned."""
