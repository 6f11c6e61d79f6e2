export {
  type NewRun,
  type RunRow,
  useCancelRun,
  useRunList,
  useRunRecord,
  useStartRun,
} from "./api/runs";
export { RunInspector } from "./components/RunInspector";
export { RunList } from "./components/RunList";
export { RunView } from "./components/RunView";
export { StateMark, stateLabel } from "./components/StateMark";
export type { ErrorPayload, RunEvent, RunState, RunStatus, StepState, StepStatus } from "./model/events";
export { isOver, stepKey } from "./model/events";
export { type LiveRun, liveRun, useRun, useRunPart, useStepState, useStepsOf, watchRun } from "./model/store";
