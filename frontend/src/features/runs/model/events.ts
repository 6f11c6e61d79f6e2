/** What a run tells, and what is known of it after the telling: as the runtime defines both. */
import type { Schemas } from "@/shared/api";

export type RunEvent = Schemas["Event"];
export type LogEvent = Schemas["Log"];
/** By step key, in the order in which the steps first showed themselves. */
export type RunState = Omit<Required<Schemas["RunState"]>, "steps"> & { steps: Record<string, StepState> };
export type StepState = Required<Schemas["StepState"]>;
export type RunStatus = RunState["status"];
export type StepStatus = StepState["state"];
export type Values = Record<string, unknown>;

export function stepKey(path: string, nodeId: string): string {
  return path ? `${path}/${nodeId}` : nodeId;
}

export function isOver(status: RunStatus): boolean {
  return status === "succeeded" || status === "failed" || status === "timed_out" || status === "cancelled";
}
