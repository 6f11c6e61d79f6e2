import { expect, test } from "vitest";
import type { TuneRecord } from "../api/tuning";
import { fold, NOTHING } from "./told";

let id = 0;
const record = (kind: string, facts: Record<string, unknown>): TuneRecord => ({ id: ++id, kind, facts });

test("steps that are told again after a resume are drawn once, as they were told last", () => {
  const before = fold(NOTHING, [
    record("stage", { name: "training" }),
    record("progress", { step: 1, loss: 2 }),
    record("progress", { step: 2, loss: 1 }),
    record("sample", { step: 2, question: "Who?", answer: "a bat" }),
  ]);
  const after = fold(before, [
    record("progress", { step: 2, loss: 1.5 }),
    record("progress", { step: 2, validation_loss: 1.7 }),
    record("sample", { step: 2, question: "Who?", answer: "a cat" }),
  ]);
  expect(after.steps).toEqual([
    { step: 1, loss: 2 },
    { step: 2, loss: 1.5, validation: 1.7 },
  ]);
  expect(after.samples).toEqual([{ question: "Who?", answers: [{ step: 2, answer: "a cat" }] }]);
  expect(after.last).toBe(id);
  expect(fold(after, [])).toBe(after);
});
