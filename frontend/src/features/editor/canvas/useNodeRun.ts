import { isOver, type StepState, useRunPart, useStepState } from "@/features/runs";
import { useEditor } from "../store/context";

export type NodeRun = StepState["state"] | "pending" | undefined;

/** What a node does in the run that the canvas shows; `pending` while its turn is still to come. */
export function useNodeRun(id: string): { step: StepState | undefined; run: NodeRun } {
  const runId = useEditor((state) => state.runId);
  const baseRunId = useEditor((state) => (state.runId === null ? null : state.baseRunId));
  const own = useStepState(runId, id);
  const before = useStepState(baseRunId, id);
  const step = own ?? before;
  const going = useRunPart(runId, (live) => !isOver(live.state.status));
  return { step, run: step?.state ?? (going ? "pending" : undefined) };
}
