/** What a run tells, and what is known of it after the telling. Mirrors the runtime's events and fold. */

export type RunStatus =
  | "queued"
  | "running"
  | "cancelling"
  | "succeeded"
  | "failed"
  | "timed_out"
  | "cancelled";
export type StepStatus = "running" | "retrying" | "succeeded" | "failed" | "skipped" | "cancelled";
export type Values = Record<string, unknown>;

export interface ErrorPayload {
  code: string;
  message: string;
  hint: string;
  extra: Record<string, unknown>;
}

interface Numbered {
  /** 1, 2, 3, ... without gaps within a run. */
  seq: number;
  /** Unix time in seconds. */
  at: number;
}

interface OfStep extends Numbered {
  node_id: string;
  /** `""` at the top, `loop_1[3]` or `loop_1[3]/warp_2[0]` inside bodies. */
  path: string;
}

export interface LogEvent extends OfStep {
  type: "log";
  level: "debug" | "info" | "warning" | "error";
  message: string;
}

export type RunEvent =
  | (Numbered & { type: "run.queued" | "run.started"; attempt: number })
  | (Numbered & { type: "run.cancelling" | "run.cancelled" })
  | (Numbered & { type: "run.succeeded"; outputs: Values })
  | (Numbered & { type: "run.failed"; error: ErrorPayload; errors?: ErrorPayload[] })
  | (Numbered & { type: "run.timed_out"; error: ErrorPayload })
  | (OfStep & { type: "step.started"; attempt: number; inputs: Values })
  | (OfStep & { type: "step.delta"; port: string; text: string })
  | (OfStep & { type: "step.progress"; done: number; total: number | null })
  | (OfStep & { type: "step.retrying"; attempt: number; delay: number; error: ErrorPayload })
  | (OfStep & {
      type: "step.succeeded";
      outputs: Values;
      duration: number;
      cached: boolean;
      usage?: Record<string, number>;
      error?: ErrorPayload | null;
    })
  | (OfStep & { type: "step.failed"; error: ErrorPayload; duration: number })
  | (OfStep & { type: "step.skipped" })
  | (OfStep & { type: "step.cancelled"; duration: number })
  | LogEvent;

export interface StepState {
  node_id: string;
  path: string;
  state: StepStatus;
  attempt: number;
  inputs: Values;
  outputs: Values | null;
  /** What has streamed so far, by port. */
  text: Record<string, string>;
  error: ErrorPayload | null;
  /** Unix time in seconds. */
  started_at: number | null;
  /** Seconds. */
  duration: number | null;
  cached: boolean;
  usage: Record<string, number>;
  done: number | null;
  total: number | null;
}

export interface RunState {
  status: RunStatus;
  attempt: number;
  outputs: Values | null;
  error: ErrorPayload | null;
  errors: ErrorPayload[];
  last_seq: number;
  started_at: number | null;
  finished_at: number | null;
  /** By step key, in the order in which the steps first showed themselves. */
  steps: Record<string, StepState>;
}

export function stepKey(path: string, nodeId: string): string {
  return path ? `${path}/${nodeId}` : nodeId;
}

export function isOver(status: RunStatus): boolean {
  return status === "succeeded" || status === "failed" || status === "timed_out" || status === "cancelled";
}
