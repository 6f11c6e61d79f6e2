"""Plans to runs: what is ready runs at once, side by side, and every branch's error is kept."""

from flowloft.engine.run.outcome import Outcome
from flowloft.engine.run.root import BRANCHES, run_here, run_plan
from flowloft.engine.run.silent import Silent

__all__ = ["BRANCHES", "Outcome", "Silent", "run_here", "run_plan"]
