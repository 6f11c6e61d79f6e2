"""Flow documents to plans, and plans to runs. Knows no kind by name: the registry does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flowloft.engine.run import Outcome, run_plan

if TYPE_CHECKING:
    from flowloft.engine.compile import Compiled, compile_flow

__all__ = ["Compiled", "Outcome", "compile_flow", "run_plan"]


def __getattr__(name: str) -> Any:
    """Loads the compiler when it is first asked for: running a plan does not need it."""
    if name in ("Compiled", "compile_flow"):
        from flowloft.engine import compile as compiler  # noqa: PLC0415 - the point of this function

        return getattr(compiler, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
