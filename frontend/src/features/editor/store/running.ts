/** Starting and stopping runs of the draft from the editor. */
import { notifications } from "@mantine/notifications";
import { useEffect, useMemo } from "react";
import { isOver, type RunPart, useCancelRun, useRun, useRunPart, useStartRun } from "@/features/runs";
import { asApiError } from "@/shared/api";
import { t } from "@/shared/i18n";
import { getLastRun } from "../api";
import { indexOf } from "../model/document";
import type { Finding } from "../model/types";
import { useEditor, useEditorStore } from "./context";

export interface Running {
  /** Under way, or being stopped. */
  active: boolean;
  stopping: boolean;
  /** Without inputs: with those of the earlier run that `part` names. */
  start(inputs: Record<string, unknown> | undefined, part?: RunPart): Promise<void>;
  stop(): void;
}

/** Redrawn only when a run begins, is being stopped or ends; what happens in between is for those who show it. */
export function useRunning(): Running {
  const store = useEditorStore();
  const runId = useEditor((state) => state.runId);
  const status = useRunPart(runId, (live) => live.state.status);
  const { mutateAsync: begin, isPending: beginning } = useStartRun();
  const { mutate: cancel, isPending: cancelling } = useCancelRun();
  const active = beginning || (runId !== null && status !== undefined && !isOver(status));
  const stopping = status === "cancelling" || cancelling;

  return useMemo(
    () => ({
      active,
      stopping,
      async start(inputs, part) {
        const { flowId, history, say, runId: shown, lastRunId, baseRunId, breakpoints } = store.getState();
        const nodes = indexOf(history.present).nodes;
        const pauses = [...breakpoints].filter((id) => nodes.has(id) && !nodes.get(id)?.node.disabled);
        const alone = part?.scope?.only !== undefined;
        try {
          const run = await begin({
            flowId,
            version: "draft",
            inputs,
            document: history.present,
            part: { origin: "editor", reuse: true, pins: true, breakpoints: alone ? [] : pauses, ...part },
          });
          store.setState({
            runInChat: false,
            runId: run.id,
            ranWith: history.present,
            baseRunId: alone ? (baseRunId ?? shown ?? lastRunId) : null,
          });
          say(t("Run started."));
        } catch (thrown) {
          const error = asApiError(thrown);
          const { findings } = error.extra;
          if (Array.isArray(findings)) store.getState().setFindings(findings as Finding[]);
          notifications.show({ color: "red", title: error.words, message: error.advice });
        }
      },
      stop() {
        if (runId) cancel(runId);
      },
    }),
    [active, stopping, begin, cancel, runId, store],
  );
}

/** Listens to the run on the canvas; draws nothing, so that its events redraw nothing here. */
export function RunListener() {
  useRun(useEditor((state) => state.runId));
  useRun(useEditor((state) => state.baseRunId));
  return null;
}

/** Finds the run that was under way when the page was left, and the last one for the panels. */
export function useLastRun(): void {
  const store = useEditorStore();
  useEffect(() => {
    let current = true;
    getLastRun(store.getState().flowId).then(
      (last) => {
        if (current && last && store.getState().runId === null) {
          store.setState(
            isOver(last.status)
              ? { lastRunId: last.id, lastRunWent: last.status }
              : { runId: last.id, lastRunId: last.id },
          );
        }
      },
      () => undefined, // The canvas works without a past.
    );
    return () => {
      current = false;
    };
  }, [store]);
}
