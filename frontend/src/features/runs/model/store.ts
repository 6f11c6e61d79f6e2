/** The runs that the page listens to, live. Nodes and views select their part. */
import { useContext, useEffect } from "react";
import { create } from "zustand";
import { useShallow } from "zustand/react/shallow";
import type { ApiError } from "@/shared/api";
import { isOver, type LogEvent, type RunEvent, type RunState, type StepState, stepKey } from "./events";
import { emptyRun, fold } from "./fold";
import { type Line, RunLine } from "./line";
import { listen } from "./stream";

export interface LiveRun {
  state: RunState;
  /** The step that a node showed last: in a body it runs many times. */
  latest: Record<string, string>;
  /** How many steps of a node have succeeded so far. */
  rounds: Record<string, number>;
  /** Those steps, so that none counts twice that a later attempt goes through again. */
  counted: Set<string>;
  logs: LogEvent[];
  /** `false` while the line to the server is down. */
  connected: boolean;
  refused: ApiError | null;
}

interface Runs {
  runs: Record<string, LiveRun>;
}

const KEPT_RUNS = 12;
const KEPT_LOGS = 2_000;

const useRuns = create<Runs>(() => ({ runs: {} }));
const watched = new Map<string, { count: number; stop: () => void }>();

export function liveRun(runId: string): LiveRun | undefined {
  return useRuns.getState().runs[runId];
}

function newRun(): LiveRun {
  return {
    state: emptyRun(),
    latest: {},
    rounds: {},
    counted: new Set(),
    logs: [],
    connected: true,
    refused: null,
  };
}

function change(runId: string, part: Partial<LiveRun>): void {
  useRuns.setState(({ runs }) => ({ runs: { ...runs, [runId]: { ...(runs[runId] ?? newRun()), ...part } } }));
}

export function applyEvents(runId: string, events: RunEvent[]): void {
  const run = liveRun(runId) ?? newRun();
  const fresh = events.filter((event) => event.seq > run.state.last_seq);
  if (!fresh.length) return;
  const latest = { ...run.latest };
  const rounds = { ...run.rounds };
  const logs: LogEvent[] = [];
  for (const event of fresh) {
    if (event.type === "step.succeeded" && !run.counted.has(stepKey(event.path, event.node_id))) {
      run.counted.add(stepKey(event.path, event.node_id));
      rounds[event.node_id] = (rounds[event.node_id] ?? 0) + 1;
    }
    if (event.type === "log") logs.push(event);
    else if ("node_id" in event) latest[event.node_id] = stepKey(event.path, event.node_id);
  }
  change(runId, {
    state: fold(run.state, fresh),
    latest,
    rounds,
    counted: run.counted,
    logs: logs.length ? [...run.logs, ...logs].slice(-KEPT_LOGS) : run.logs,
  });
}

/** Listens to a run until what is returned is called; many may watch one run over one line. */
export function watchRun(runId: string, line: Line): () => void {
  const watch = watched.get(runId) ?? { count: 0, stop: start(runId, line) };
  watch.count += 1;
  watched.set(runId, watch);
  let released = false;
  return () => {
    if (released) return;
    released = true;
    watch.count -= 1;
    if (watch.count > 0) return;
    watch.stop();
    watched.delete(runId);
  };
}

function start(runId: string, line: Line): () => void {
  forgetOldest();
  const known = liveRun(runId);
  if (!known) change(runId, {});
  else if (isOver(known.state.status)) return () => {};
  const listener = {
    lastSeq: () => liveRun(runId)?.state.last_seq ?? 0,
    events: (events: RunEvent[]) => applyEvents(runId, events),
    ended: () => isOver(liveRun(runId)?.state.status ?? "queued"),
    connected: (connected: boolean) => change(runId, { connected }),
    refused: (refused: ApiError) => change(runId, { refused }),
  };
  return listen(runId, listener, line);
}

function forgetOldest(): void {
  const ids = Object.keys(useRuns.getState().runs).filter((id) => !watched.has(id));
  if (ids.length < KEPT_RUNS) return;
  useRuns.setState(({ runs }) => {
    const { [ids[0] as string]: _gone, ...kept } = runs;
    return { runs: kept };
  });
}

/** Follows a run as it happens; `null` follows none. */
export function useRun(runId: string | null | undefined): LiveRun | undefined {
  const line = useContext(RunLine);
  useEffect(() => (runId ? watchRun(runId, line) : undefined), [runId, line]);
  return useRuns((state) => (runId ? state.runs[runId] : undefined));
}

/** One part of a run that something else follows already; draws anew only when that part changes. */
export function useRunPart<Part>(
  runId: string | null | undefined,
  part: (run: LiveRun) => Part,
): Part | undefined {
  return useRuns((state) => {
    const run = runId ? state.runs[runId] : undefined;
    return run && part(run);
  });
}

/** What a node did last in a run that is followed with `useRun`. */
export function useStepState(runId: string | null | undefined, nodeId: string): StepState | undefined {
  return useRunPart(runId, (run) => run.state.steps[run.latest[nodeId] ?? nodeId]);
}

/** All that a node did: one step at the top of a flow, one for each turn inside a body. */
export function useStepsOf(runId: string | null | undefined, nodeId: string): StepState[] {
  return useRuns(
    useShallow((state) => {
      const steps = runId ? state.runs[runId]?.state.steps : undefined;
      return steps ? Object.values(steps).filter((step) => step.node_id === nodeId) : [];
    }),
  );
}
