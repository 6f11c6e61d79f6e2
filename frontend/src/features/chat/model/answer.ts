/** What a run has said so far, and what it is busy with. */
import type { RunState } from "@/features/runs";
import type { ChatFacts } from "./facts";

type Speakers = ChatFacts["speakers"];

export interface Spoken {
  /** The node whose words they are; `null` where only one may speak. */
  nodeId: string | null;
  text: string;
}

/** The answer as it grows, in the words that the server will save of it, by who says them. */
export function spoken(state: RunState, speakers: Speakers): Spoken[] {
  const several = Object.values(speakers).flat().length > 1;
  const found = Object.values(state.steps)
    .filter((step) => step.path === "" && step.node_id in speakers)
    .map((step) => ({ step, text: said(step.outputs?.text) ?? step.text.text ?? "" }))
    .filter(({ text }) => text !== "")
    .map(({ step, text }) => ({ nodeId: several ? speaker(state, step.node_id, speakers) : null, text }));
  const whole = said(state.outputs?.text);
  return found.length === 0 && whole ? [{ nodeId: null, text: whole }] : found;
}

/** Of several ways into a chat output, the one that was taken. */
function speaker(state: RunState, output: string, speakers: Speakers): string {
  const ways = speakers[output] ?? [];
  const taken = ways.find((id) => state.steps[id] && state.steps[id].state !== "skipped");
  return taken ?? ways[0] ?? output;
}

function said(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** Ids of the nodes that run now. */
export function busyNodes(state: RunState): string[] {
  const busy = Object.values(state.steps).filter(
    (step) => step.state === "running" || step.state === "retrying",
  );
  const ids = new Set(busy.map((step) => step.node_id));
  // Where an agent asks its model, the agent is named already.
  return [...ids].filter((id) => !(id.endsWith(".ask") && ids.has(id.slice(0, -4))));
}

interface Said {
  role: string;
  run_id: string | null;
}

/** The run whose answer is still to come: that of the newest question, while no answer of it stands. */
export function openRun(messages: Said[]): string | null {
  const runId = messages.findLast((message) => message.role === "user")?.run_id ?? null;
  if (runId === null) return null;
  return messages.some((message) => message.role === "assistant" && message.run_id === runId) ? null : runId;
}
