import { expect, test } from "vitest";
import type { Catalogue, FlowDocument } from "@/features/editor";
import type { Trial, WholeExperiment } from "../api/experiments";
import { changesOf } from "./applying";
import { dotsOf, effectsOf, sorted } from "./board";

const trial = (number: number, rank: number | null, values: unknown[], more: Partial<Trial> = {}): Trial => ({
  ...{ number, rank, values, state: rank ? "succeeded" : "skipped", evaluation: null, error: null },
  ...{ score: null, rows_done: 0, rows_failed: 0, seconds: null, usage: {}, front: [] },
  ...more,
});
const grid = [
  { node: "ask", field: "temperature", values: [0, 1], node_title: "Ask", field_title: "Temperature" },
  { node: "ask", field: "model", values: ["a"], node_title: "Ask", field_title: "Model" },
];
const trials = [
  trial(2, 1, [1, "a"], { score: 0.9, seconds: 4, usage: { cost_usd: 2 }, front: ["cost_usd"] }),
  trial(1, 2, [0, "a"], { score: 0.5, seconds: 1 }),
  trial(3, null, [0, "a"], { score: 0.7 }),
];
const numbers = (by: string, down: boolean) => sorted(trials, { by, down }).map((one) => one.number);

test("the board is sorted by any column, and what has no figure stays at the end", () => {
  expect(numbers("score", true)).toEqual([2, 1, 3]);
  expect(numbers("score", false)).toEqual([1, 2, 3]);
  expect(numbers("cost_usd", true)).toEqual([2, 1, 3]);
  expect(numbers("seconds", false)).toEqual([1, 2, 3]);
  expect(numbers("value 0", false)).toEqual([1, 3, 2]);
});

test("the chart has the trials that were measured and cost something", () => {
  expect(dotsOf(trials, "seconds").map(({ x, y }) => [x, y])).toEqual([
    [1, 0.5],
    [4, 0.9],
  ]);
  expect(dotsOf(trials, "cost_usd").map(({ trial: { number }, front }) => [number, front])).toEqual([
    [2, true],
  ]);
});

test("what a value came to is the mean over what was measured with it, of settings with several values", () => {
  const effects = effectsOf({ grid, trials } as unknown as WholeExperiment);
  expect(effects.map(({ setting, means }) => [setting.field, means])).toEqual([
    [
      "temperature",
      [
        { value: 0, score: 0.5 },
        { value: 1, score: 0.9 },
      ],
    ],
  ]);
});

test("before a draft is written, it is told what changes, and what can't", () => {
  const properties = { temperature: { type: "number", default: 1 }, model: { type: "string" } };
  const catalogue = { kinds: [{ key: "ask", settings_schema: { properties } }] } as unknown as Catalogue;
  const draft = (more: object) =>
    ({
      graph: { nodes: { ask: { kind: "ask", settings: {}, ...more } }, edges: {} },
    }) as unknown as FlowDocument;
  const changes = (more: object, of = 0) =>
    changesOf(grid, trials[of] as Trial, draft(more), catalogue).map(({ now, is }) => [now, is]);
  expect(changes({ settings: { model: "b" } })).toEqual([
    [1, "same"],
    ["b", "new"],
  ]);
  expect(changes({ settings: { temperature: 0.3 }, wired: ["model"] }, 1)).toEqual([
    [0.3, "new"],
    [undefined, "wired"],
  ]);
  expect(changes({ kind: "other" })[0]).toEqual([undefined, "gone"]);
});
