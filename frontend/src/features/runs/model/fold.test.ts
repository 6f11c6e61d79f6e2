import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { RunEvent, RunState } from "./events";
import { emptyRun, fold } from "./fold";

const CASES = "../tests/conformance/fold_cases.json";

interface Case {
  name: string;
  events: RunEvent[];
  state: RunState;
}

const events: RunEvent[] = [
  { seq: 1, at: 10, type: "run.queued", attempt: 1 },
  { seq: 2, at: 11, type: "run.started", attempt: 1 },
  { seq: 3, at: 12, type: "step.started", node_id: "ask", path: "", attempt: 1, inputs: { text: "Hi" } },
  { seq: 4, at: 12, type: "step.delta", node_id: "ask", path: "", port: "text", text: "He" },
  { seq: 5, at: 13, type: "step.delta", node_id: "ask", path: "", port: "text", text: "llo" },
  { seq: 6, at: 14, type: "step.started", node_id: "line", path: "loop_1[3]", attempt: 1, inputs: {} },
  { seq: 7, at: 15, type: "log", node_id: "ask", path: "", level: "info", message: "half way" },
  {
    seq: 8,
    at: 16,
    type: "step.succeeded",
    node_id: "ask",
    path: "",
    outputs: { text: "Hello" },
    duration: 4,
    cached: false,
    error: null,
  },
  { seq: 9, at: 17, type: "run.succeeded", outputs: { text: "Hello" } },
];

describe("the fold", () => {
  test("gathers text, steps and the end of a run", () => {
    const state = fold(emptyRun(), events);
    expect(state).toMatchObject({ status: "succeeded", last_seq: 9, started_at: 11, finished_at: 17 });
    expect(state.steps.ask).toMatchObject({ state: "succeeded", text: { text: "Hello" }, duration: 4 });
    expect(Object.keys(state.steps)).toEqual(["ask", "loop_1[3]/line"]);
  });

  test("is the same from every seq, and a replay that overlaps changes nothing", () => {
    const whole = fold(emptyRun(), events);
    for (let cut = 0; cut <= events.length; cut++) {
      const first = fold(emptyRun(), events.slice(0, cut));
      expect(fold(first, events)).toEqual(whole);
    }
    expect(fold(whole, events)).toBe(whole);
  });

  test("leaves the state before as it was", () => {
    const before = fold(emptyRun(), events.slice(0, 4));
    const copy = structuredClone(before);
    fold(before, events.slice(4));
    expect(before).toEqual(copy);
  });

  test("a new try voids what the one before had shown", () => {
    const again: RunEvent = {
      seq: 6,
      at: 15,
      type: "step.started",
      node_id: "ask",
      path: "",
      attempt: 2,
      inputs: {},
    };
    const state = fold(fold(emptyRun(), events.slice(0, 5)), [again]);
    expect(state.steps.ask).toMatchObject({ attempt: 2, text: {} });
  });
});

describe.runIf(existsSync(CASES))("the cases that the runtime folds too", () => {
  const cases: Case[] = existsSync(CASES) ? JSON.parse(readFileSync(CASES, "utf8")) : [];
  test.each(cases)("$name", ({ events: told, state }) => {
    expect(fold(emptyRun(), told)).toEqual(state);
  });
});
