import {
  IconAlertCircle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleMinus,
  IconClockX,
  IconHandStop,
  IconLoader2,
  IconPlayerStop,
  IconRefresh,
} from "@tabler/icons-react";
import { msg, t } from "@/shared/i18n";
import { Mark, type Sign } from "@/shared/ui";
import type { RunStatus, StepStatus } from "../model/events";

type State = RunStatus | StepStatus;

const MARKS: Record<State, Sign & { label: string }> = {
  queued: { label: msg("Waiting"), tone: "quiet", Icon: IconCircleDashed },
  running: { label: msg("Running"), tone: "spark", Icon: IconLoader2, turns: true },
  retrying: { label: msg("Trying again"), tone: "spark", Icon: IconRefresh, turns: true },
  waiting: { label: msg("Waits for you"), tone: "spark", Icon: IconHandStop },
  cancelling: { label: msg("Stopping"), tone: "spark", Icon: IconLoader2, turns: true },
  succeeded: { label: msg("Succeeded"), tone: "good", Icon: IconCircleCheck },
  failed: { label: msg("Failed"), tone: "bad", Icon: IconAlertCircle },
  timed_out: { label: msg("Timed out"), tone: "bad", Icon: IconClockX },
  cancelled: { label: msg("Stopped"), tone: "quiet", Icon: IconPlayerStop },
  skipped: { label: msg("Skipped"), tone: "quiet", Icon: IconCircleMinus },
};

export function stateLabel(state: State): string {
  return t(MARKS[state].label);
}

interface Props {
  state: State;
  /** Without words the label is read to those who don't see it. */
  words?: boolean;
  size?: number;
}

/** The state of a run or step. */
export function StateMark({ state, words = true, size = 16 }: Props) {
  const { label, ...sign } = MARKS[state];
  return <Mark {...sign} label={t(label)} words={words} size={size} />;
}
