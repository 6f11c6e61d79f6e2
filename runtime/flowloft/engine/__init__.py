"""Flow documents to plans, and plans to runs. Knows no kind by name: the registry does."""

from flowloft.engine.compile import Compiled, compile_flow
from flowloft.engine.run import Outcome, run_plan

__all__ = ["Compiled", "Outcome", "compile_flow", "run_plan"]
