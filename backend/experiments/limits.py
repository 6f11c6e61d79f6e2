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
PAST_LOOKED_AT = 200
"""The newest, among which these are looked for."""
BINS = 10
"""Of the distribution of scores."""
SEARCHED = 4_000
"""Characters of a row that a search looks at."""
MOST_TRIALS = 200
"""Of one experiment."""
MOST_COMBINATIONS = 20_000
"""Of a grid, from which trials are drawn."""
MOST_FIELDS = 8
"""Settings that one experiment tries out."""
MOST_VALUES = 50
"""Of one setting."""
MOST_RUNS = 20_000
"""Of one experiment: its trials times its rows."""
TRIALS_AT_ONCE = 1
"""Its rows run side by side already; one after the other, the money is counted in time."""
