"""The model makes a plan first, then does one step of it after the other."""

from __future__ import annotations

from collections.abc import Iterator

from flowloft.agents._reacting import Found, finished, prepared, rounds
from flowloft.core.agent import Messages, Strategy, described
from flowloft.core.tool import object_schema
from flowloft.core.types import as_text

MOST_STEPS = 6


class PlanAndSolve(Strategy):
    """For tasks of several parts: a list of steps, each done with the tools, then the answer.

    Source: Wang et al., Plan-and-Solve Prompting, 2023 (https://arxiv.org/abs/2305.04091)
    """

    title = "Plan and solve"

    def run(self, messages: Messages) -> Iterator[str]:
        desk = self.desk
        task = as_text(messages[-1]["content"])
        talk = [messages[-1]]
        for number, step in enumerate(self._plan(messages), start=1):
            known = "\n".join(str(one["content"]) for one in talk[1:])
            words = f"Task: {task}\n" + (f"Known so far:\n{known}\n" if known else "") + f"Now only: {step}"
            asked = [*messages[:-1], {**messages[-1], "content": words}]
            said = "".join(finished(desk, asked, rounds(desk, prepared(desk, asked))))
            talk.append({"role": "user", "content": f"{number}. {step} {said}"})
        yield from finished(desk, messages, Found(talk, True))

    def _plan(self, messages: Messages) -> list[str]:
        steps = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": MOST_STEPS}
        words = (
            "Make a plan: the fewest steps that lead to what is asked, as JSON."
            f"\nThese tools can be used in a step:\n{described(list(self.desk.tools.values()))}"
        )
        asked = [
            *messages[:-1],
            {**messages[-1], "content": f"{as_text(messages[-1]['content'])}\n\n{words}"},
        ]
        found = self.desk.decide(asked, object_schema({"steps": steps}, ["steps"])) or {}
        plan = [str(step) for step in found.get("steps") or [] if str(step).strip()]
        return plan[:MOST_STEPS] or [as_text(messages[-1]["content"])]
