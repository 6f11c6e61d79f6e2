"""Every number that bounds evaluations, in one place. Seconds, where nothing else is said."""

from __future__ import annotations

MOST_ROWS = 5_000
"""Rows of one evaluation: as many runs."""
AT_ONCE = 4
"""Runs of one evaluation under way at once: somebody at the canvas shall not wait behind it."""
SCORING = 60.0
"""How long whoever measures an answer may stay silent; then another does it."""
LOOK_EVERY = 1.0
HINT_AGAIN = 2.0
"""An open evaluation that nobody worked on for so long is looked after by the worker that sees it."""
PAST_RUNS = 20
"""Runs of a flow from which the time and cost of further ones are estimated."""
BINS = 10
"""Of the distribution of scores."""
SEARCHED = 4_000
"""Characters of a row that a search looks at."""
