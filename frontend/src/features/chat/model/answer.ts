/** What a run has said so far, and what it is busy with. */
import type { RunState } from "@/features/runs";

/** The answer as it grows, in the words that the server will save of it. */
export function answerText(state: RunState, speakers: string[]): string {
  const whole = state.outputs?.text;
  if (typeof whole === "string") return whole;
  return Object.values(state.steps)
    .filter((step) => step.path === "" && speakers.includes(step.node_id))
    .map((step) => step.text.text ?? "")
    .join("");
}

/** Ids of the nodes that run now. */
export function busyNodes(state: RunState): string[] {
  const busy = Object.values(state.steps).filter(
    (step) => step.state === "running" || step.state === "retrying",
  );
  return [...new Set(busy.map((step) => step.node_id))];
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
