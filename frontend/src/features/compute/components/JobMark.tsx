import {
  IconAlertCircle,
  IconCircleCheck,
  IconCircleDashed,
  IconLoader2,
  IconPlayerStop,
  IconSend,
} from "@tabler/icons-react";
import { msg, t } from "@/shared/i18n";
import { Mark, type Sign } from "@/shared/ui";
import type { Job } from "../api/compute";

const MARKS: Record<Job["state"], Sign & { label: string }> = {
  submitting: { label: msg("Being sent"), tone: "quiet", Icon: IconSend },
  queued: { label: msg("In the queue"), tone: "quiet", Icon: IconCircleDashed },
  running: { label: msg("Running"), tone: "spark", Icon: IconLoader2, turns: true },
  succeeded: { label: msg("Succeeded"), tone: "good", Icon: IconCircleCheck },
  failed: { label: msg("Failed"), tone: "bad", Icon: IconAlertCircle },
  cancelled: { label: msg("Cancelled"), tone: "quiet", Icon: IconPlayerStop },
};

/** Where a job stands. */
export function JobMark({ job }: { job: Job }) {
  const { label, ...sign } = MARKS[job.state];
  return <Mark {...sign} label={job.cancelling ? t("Being cancelled") : t(label)} />;
}

export function isOver(job: Job): boolean {
  return job.state === "succeeded" || job.state === "failed" || job.state === "cancelled";
}
