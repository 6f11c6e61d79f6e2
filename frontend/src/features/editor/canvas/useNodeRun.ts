import { isOver, type StepState, useRunPart, useStepState } from "@/features/runs";
import { changedNodes } from "../model/changed";
import { useEditor } from "../store/context";

export type NodeRun = StepState["state"] | "pending" | undefined;

interface Shown {
  step: StepState | undefined;
  run: NodeRun;
  /** The node is another one now than when it ran. */
  changed: boolean;
}

/**
 * What a node does in the run that the canvas shows; `pending` while its turn is still to come. What stands in the
 * way of the next run counts for more than that the last one went well.
 */
export function useNodeRun(id: string, level: "error" | "warning" | undefined): Shown {
  const runId = useEditor((state) => state.runId);
  const baseRunId = useEditor((state) => (state.runId === null ? null : state.baseRunId));
  const own = useStepState(runId, id);
  const before = useStepState(baseRunId, id);
  const step = own ?? before;
  const going = useRunPart(runId, (live) => !isOver(live.state.status));
  const changed = useEditor(
    ({ ranWith, history }) => ranWith !== null && changedNodes(ranWith, history.present).has(id),
  );
  if (step && !going && changed && level === "error")
    return { step: undefined, run: undefined, changed: false };
  return {
    step,
    run: step?.state ?? (going ? "pending" : undefined),
    changed: changed && !going && (step?.state === "succeeded" || step?.state === "failed"),
  };
}
