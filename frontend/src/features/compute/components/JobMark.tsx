import {
  IconAlertCircle,
  IconCircleCheck,
  IconCircleDashed,
  IconLoader2,
  IconPlayerStop,
  IconSend,
} from "@tabler/icons-react";
import { msg, t } from "@/shared/i18n";
import type { Job } from "../api/compute";
import classes from "./compute.module.css";

const MARKS = {
  submitting: { label: msg("Being sent"), tone: "quiet", Icon: IconSend, turns: false },
  queued: { label: msg("In the queue"), tone: "quiet", Icon: IconCircleDashed, turns: false },
  running: { label: msg("Running"), tone: "spark", Icon: IconLoader2, turns: true },
  succeeded: { label: msg("Succeeded"), tone: "good", Icon: IconCircleCheck, turns: false },
  failed: { label: msg("Failed"), tone: "bad", Icon: IconAlertCircle, turns: false },
  cancelled: { label: msg("Cancelled"), tone: "quiet", Icon: IconPlayerStop, turns: false },
} as const;

/** Where a job stands: a sign, a colour and a word, so that none of them has to carry it alone. */
export function JobMark({ job }: { job: Job }) {
  const { label, tone, Icon, turns } = MARKS[job.state];
  return (
    <span className={classes.mark} data-tone={tone}>
      <Icon size={16} aria-hidden className={turns ? classes.turns : undefined} />
      {job.cancelling ? t("Being cancelled") : t(label)}
    </span>
  );
}

export function isOver(job: Job): boolean {
  return job.state === "succeeded" || job.state === "failed" || job.state === "cancelled";
}
