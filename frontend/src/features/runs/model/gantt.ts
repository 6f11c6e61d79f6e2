/** The bars of a run on one scale of time. Pure. */
import { type RunState, type StepState, stepKey } from "./events";

export interface Bar {
  key: string;
  step: StepState;
  /** Seconds after the run began; null where it never did. */
  begin: number | null;
  length: number;
  depth: number;
}

export interface Chart {
  bars: Bar[];
  /** Seconds from the run's begin to its end, or to now. */
  length: number;
}

export function chartOf(state: RunState, now: number): Chart {
  const steps = Object.values(state.steps);
  const begin = state.started_at ?? steps.find((step) => step.started_at !== null)?.started_at ?? now;
  const bars = steps.map((step) => {
    const from = step.started_at === null ? null : Math.max(0, step.started_at - begin);
    const under = step.state === "running" || step.state === "retrying" || step.state === "waiting";
    const until = step.duration ?? (under && step.started_at !== null ? now - step.started_at : 0);
    return {
      key: stepKey(step.path, step.node_id),
      step,
      begin: from,
      length: Math.max(0, until),
      depth: step.path ? step.path.split("/").length : 0,
    };
  });
  const end = state.finished_at ?? now;
  const last = Math.max(0, ...bars.slice(-500).map((bar) => (bar.begin ?? 0) + bar.length));
  return { bars, length: Math.max(end - begin, last, 0.001) };
}

/** Seconds of the marks over a span: 1, 2 or 5 times a power of ten, at most `most` of them. */
export function ticks(length: number, most: number): number[] {
  const rough = length / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((size) => size >= rough) ?? rough;
  const marks: number[] = [];
  for (let at = 0; at <= length * 1.0001 && marks.length <= most + 1; at += step) marks.push(at);
  return marks;
}
