export { useCancelRun, useRunRecord, useStartRun } from "./api/runs";
export { RunInspector } from "./components/RunInspector";
export { RunList } from "./components/RunList";
export { RunView } from "./components/RunView";
export { StateMark, stateLabel } from "./components/StateMark";
export { isOver, type RunState, type RunStatus, type StepState } from "./model/events";
export { type LiveRun, useRun, useRunPart, useStepState } from "./model/store";
