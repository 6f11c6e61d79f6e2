import type { EdgeProps } from "@xyflow/react";
import { type LiveRun, useRunPart } from "@/features/runs";
import type { CanvasEdge } from "../store/canvasElements";
import { useEditor } from "../store/context";

export type WireRun = "flowing" | "passed" | "idle" | "failed" | undefined;

type Ends = Pick<EdgeProps<CanvasEdge>, "data">;

/** What passed along a wire in the run that the canvas shows. */
export function useWireRun({ data }: Ends): WireRun {
  const runId = useEditor((state) => state.runId);
  return useRunPart(runId, (run) => data && wireRun(run, data.source, data.source_port, data.target));
}

/** How many items passed: those of a list, or the rounds in which something did. */
export function useWireCount({ data }: Ends): number | undefined {
  const runId = useEditor((state) => state.runId);
  return useRunPart(runId, (run) => data && wireCount(run, data.source, data.source_port));
}

function wireCount({ state, rounds, latest }: LiveRun, source: string, port: string): number | undefined {
  const step = state.steps[latest[source] ?? source];
  if (step?.state !== "succeeded") return undefined;
  const turns = rounds[source] ?? 0;
  if (turns > 1) return turns;
  const value = step.outputs?.[port];
  return Array.isArray(value) ? value.length : undefined;
}

function wireRun({ state, latest }: LiveRun, source: string, port: string, target: string): WireRun {
  const from = state.steps[latest[source] ?? source];
  const to = state.steps[latest[target] ?? target];
  if (!from) return undefined;
  if (from.state === "running") return from.text[port] ? "flowing" : undefined;
  if (from.state === "failed") return "failed";
  if (from.state !== "succeeded" || (from.outputs !== null && !(port in from.outputs))) return "idle";
  return to?.state === "running" ? "flowing" : "passed";
}
