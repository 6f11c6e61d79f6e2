/** Events to state. Pure; the same as the runtime's fold, held to it by the cases that both read. */
import { isOver, type RunEvent, type RunState, type RunStatus, type StepState, stepKey } from "./events";

export function emptyRun(): RunState {
  return {
    status: "queued",
    attempt: 1,
    outputs: null,
    error: null,
    errors: [],
    last_seq: 0,
    started_at: null,
    finished_at: null,
    steps: {},
  };
}

/**
 * Applies events in order of `seq` and returns the new state; `state` stays as it was.
 * Events at or below `last_seq` are passed over, so that a replay that overlaps does no harm.
 */
export function fold(state: RunState, events: Iterable<RunEvent>): RunState {
  let next = state;
  let steps = state.steps;
  for (const event of events) {
    if (event.seq <= next.last_seq) continue;
    if (next === state) next = { ...state };
    next.last_seq = event.seq;
    if (!("node_id" in event)) steps = foldRun(next, steps, event);
    else if (event.type !== "log") {
      if (steps === state.steps) steps = { ...steps };
      const key = stepKey(event.path, event.node_id);
      steps[key] = foldStep(steps[key], event);
    }
  }
  if (next !== state) next.steps = steps;
  return next;
}

type Steps = RunState["steps"];
type StepEvent = Exclude<Extract<RunEvent, { node_id: string }>, { type: "log" }>;

/** Changes the run in place, and returns what its end makes of its steps. */
function foldRun(state: RunState, steps: Steps, event: Exclude<RunEvent, { node_id: string }>): Steps {
  state.status = (event.type === "run.started" ? "running" : event.type.slice("run.".length)) as RunStatus;
  if (event.type === "run.queued" || event.type === "run.started") state.attempt = event.attempt;
  if (event.type === "run.started") state.started_at ??= event.at;
  if (event.type === "run.succeeded") state.outputs = event.outputs;
  if (event.type === "run.failed" || event.type === "run.timed_out") {
    state.error = event.error;
    state.errors = event.type === "run.failed" ? (event.errors ?? []) : [];
  }
  if (!isOver(state.status)) return steps;
  state.finished_at = event.at;
  const waiting = Object.entries(steps).filter(([, step]) => step.state === "waiting");
  if (waiting.length === 0) return steps;
  return {
    ...steps,
    ...Object.fromEntries(waiting.map(([key, step]) => [key, { ...step, state: "cancelled" as const }])),
  };
}

function newStep(event: StepEvent): StepState {
  return {
    node_id: event.node_id,
    path: event.path,
    state: "running",
    attempt: 1,
    inputs: {},
    outputs: null,
    text: {},
    error: null,
    started_at: null,
    duration: null,
    cached: false,
    usage: {},
    done: null,
    total: null,
    question: null,
  };
}

function foldStep(known: StepState | undefined, event: StepEvent): StepState {
  const step = known ?? newStep(event);
  switch (event.type) {
    case "step.started":
      return { ...newStep(event), attempt: event.attempt, inputs: event.inputs ?? {}, started_at: event.at };
    case "step.delta":
      return { ...step, text: { ...step.text, [event.port]: (step.text[event.port] ?? "") + event.text } };
    case "step.progress":
      return { ...step, done: event.done, total: event.total };
    case "step.waiting":
      return { ...step, state: "waiting", question: event.question ?? null };
    case "step.retrying":
      return { ...step, state: "retrying", error: event.error };
    case "step.succeeded":
      return {
        ...step,
        state: "succeeded",
        outputs: event.outputs,
        duration: event.duration,
        cached: event.cached,
        usage: event.usage ?? {},
        error: event.error ?? null,
      };
    case "step.failed":
      return {
        ...step,
        state: "failed",
        error: event.error,
        duration: event.duration,
        usage: event.usage ?? {},
      };
    case "step.cancelled":
      return { ...step, state: "cancelled", duration: event.duration, usage: event.usage ?? {} };
    case "step.skipped":
      return { ...step, state: "skipped" };
  }
}
