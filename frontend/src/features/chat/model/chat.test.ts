import { expect, test } from "vitest";
import type { RunState, StepState } from "@/features/runs";
import { busyNodes, openRun, spoken } from "./answer";
import { chatFacts } from "./facts";

const step = (node_id: string, part: Partial<StepState>): StepState => ({
  node_id,
  path: "",
  state: "running",
  attempt: 1,
  inputs: {},
  outputs: null,
  text: {},
  error: null,
  started_at: 1,
  duration: null,
  cached: false,
  usage: {},
  done: null,
  total: null,
  question: null,
  ...part,
});

const run = (steps: Record<string, StepState>, outputs: RunState["outputs"] = null): RunState => ({
  status: "running",
  attempt: 1,
  outputs,
  error: null,
  errors: [],
  last_seq: 5,
  started_at: 1,
  finished_at: null,
  steps,
});

test("an answer grows from what the chat outputs stream, by who says it where several may", () => {
  const steps = {
    model: step("model", { text: { text: "not this" } }),
    out: step("out", { text: { text: "He" } }),
    "loop[0]/out2": step("out2", { path: "loop[0]", text: { text: "nor this" } }),
  };
  expect(spoken(run(steps), { out: ["model"], out2: [] })).toEqual([{ nodeId: null, text: "He" }]);
  expect(spoken(run({}, { text: "Hello" }), { out: ["model"] })).toEqual([{ nodeId: null, text: "Hello" }]);
  const two = { ...steps, no: step("no", { state: "skipped" }), yes: step("yes", { state: "succeeded" }) };
  expect(spoken(run(two), { out: ["no", "yes"] })).toEqual([{ nodeId: "yes", text: "He" }]);
  expect(busyNodes(run(steps))).toEqual(["model", "out", "out2"]);
});

test("only the newest question without an answer is still open", () => {
  const said = (role: string, run_id: string | null) => ({ role, run_id });
  expect(openRun([])).toBeNull();
  expect(openRun([said("user", "a")])).toBe("a");
  expect(openRun([said("user", "a"), said("assistant", "a")])).toBeNull();
  expect(openRun([said("user", "a"), said("assistant", "a"), said("user", "b")])).toBe("b");
});

test("greeting, suggestions and speakers are read from the document, in bodies too", () => {
  const facts = chatFacts({
    graph: {
      nodes: {
        ask: {
          kind: "chat_input",
          settings: { greeting: "Hello", suggestions: ["One", 2, ""], files: "pictures" },
        },
        off: { kind: "chat_output", disabled: true },
        loop: {
          kind: "loop",
          title: "Chapters",
          body: {
            nodes: { out: { kind: "chat_output" } },
            edges: { e: { source: "model", target: "out", target_port: "text" } },
          },
        },
      },
    },
  });
  expect(facts).toEqual({
    greeting: "Hello",
    suggestions: ["One"],
    listens: true,
    takes: "pictures",
    speakers: { out: ["model"] },
    titles: { loop: "Chapters" },
  });
  expect(chatFacts(undefined).listens).toBe(false);
});
