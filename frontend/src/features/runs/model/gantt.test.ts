import { expect, test } from "vitest";
import type { StepState } from "./events";
import { emptyRun } from "./fold";
import { chartOf, ticks } from "./gantt";
import { totalUsage, usageBrief } from "./usage";

const step = (node_id: string, part: Partial<StepState>): StepState => ({
  node_id,
  path: "",
  state: "succeeded",
  attempt: 1,
  inputs: {},
  outputs: null,
  text: {},
  error: null,
  started_at: null,
  duration: null,
  cached: false,
  usage: {},
  done: null,
  total: null,
  question: null,
  ...part,
});

const run = {
  ...emptyRun(),
  started_at: 100,
  steps: {
    a: step("a", { started_at: 100.5, duration: 2, usage: { prompt_tokens: 10, completion_tokens: 2 } }),
    b: step("b", { started_at: 100.5, state: "running" }),
    "loop[0]/c": step("c", { path: "loop[0]", started_at: 103, duration: 1, usage: { cost_usd: 0.00123 } }),
    d: step("d", { state: "skipped" }),
  },
};

test("branches that ran at the same time begin at the same place, and what runs grows until now", () => {
  const { bars, length } = chartOf(run, 110);
  expect(bars.map(({ key, begin, length: long, depth }) => [key, begin, long, depth])).toEqual([
    ["a", 0.5, 2, 0],
    ["b", 0.5, 9.5, 0],
    ["loop[0]/c", 3, 1, 1],
    ["d", null, 0, 0],
  ]);
  expect(length).toBe(10);
  expect(chartOf({ ...run, finished_at: 105 }, 999).bars[0]?.begin).toBe(0.5);
});

test("the marks are round and as few as asked for", () => {
  expect(ticks(10, 5)).toEqual([0, 2, 4, 6, 8, 10]);
  for (const length of [0.0031, 0.7, 3, 59, 3600, 86_400]) {
    const marks = ticks(length, 8);
    expect(marks.length).toBeGreaterThan(2);
    expect(marks.length).toBeLessThanOrEqual(9);
  }
});

test("tokens and cost of all steps add up", () => {
  expect(usageBrief(totalUsage(run))).toEqual(["12 tokens", "$0.0012"]);
  const cut = { ...totalUsage(run), estimated_calls: 1 };
  expect(usageBrief(cut)).toEqual(["≈ 12 tokens", "≈ $0.0012"]);
});
